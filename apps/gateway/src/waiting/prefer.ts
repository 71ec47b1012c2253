import type { FastifyReply, FastifyRequest } from 'fastify';

/** How long a client is made to wait, and what it asked for to that end. */
export interface Preference {
  /** 0 is not at all. */
  readonly waitSeconds: number;
  /** For `Preference-Applied`; undefined where nothing was asked for. */
  readonly applied: string | undefined;
}

/**
 * What a client wants by RFC 7240: `respond-async` is not to wait at all, `wait=n` is n seconds, and never more than the
 * limit; `wait` alone, as Replicate's clients send it, is the limit. Anything else in the header is ignored, as the RFC asks.
 * @param unasked what holds where neither was sent.
 */
export function preferenceIn(prefer: string | string[] | undefined, { unasked, limitSeconds }: { unasked: number; limitSeconds: number }): Preference {
  const wishes = [prefer ?? []].flat().join(',').toLowerCase().split(/[,;]/).map((wish) => wish.trim());
  if (wishes.includes('respond-async')) return { waitSeconds: 0, applied: 'respond-async' };
  const wait = wishes.map((wish) => (wish === 'wait' ? limitSeconds : Number(/^wait\s*=\s*"?(\d{1,6})"?$/.exec(wish)?.[1]))).find((given) => !Number.isNaN(given));
  if (wait === undefined) return { waitSeconds: unasked, applied: undefined };
  const waitSeconds = Math.min(wait, limitSeconds);
  return { waitSeconds, applied: `wait=${waitSeconds}` };
}

/** The same of a request; the answer says what was applied. */
export function preferenceOf({ headers }: Pick<FastifyRequest, 'headers'>, reply: Pick<FastifyReply, 'header'>, bounds: { unasked: number; limitSeconds: number }): Preference {
  const preference = preferenceIn(headers.prefer, bounds);
  if (preference.applied !== undefined) void reply.header('preference-applied', preference.applied);
  return preference;
}
