/**
 * How long a client wants to wait by RFC 7240: `respond-async` is not at all, `wait=n` is n seconds, and never more
 * than the limit. Anything else in the header is ignored, as the RFC asks.
 */
export function patienceSeconds(prefer: string | string[] | undefined, limitSeconds: number): number {
  const wishes = [prefer ?? []].flat().join(',').toLowerCase().split(/[,;]/).map((wish) => wish.trim());
  if (wishes.includes('respond-async')) return 0;
  const wait = wishes.map((wish) => /^wait\s*=\s*"?(\d{1,6})"?$/.exec(wish)?.[1]).find((given) => given !== undefined);
  return wait === undefined ? limitSeconds : Math.min(Number(wait), limitSeconds);
}
