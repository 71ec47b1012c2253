/**
 * Polls `attempt` until it returns something other than undefined or false.
 * A throw counts as "not yet"; at the deadline the last one becomes the cause.
 */
export async function eventually<T>(
  attempt: () => Promise<T | undefined | false> | T | undefined | false,
  { what, deadlineMs = 30_000, intervalMs = 25 }: { what: string; deadlineMs?: number; intervalMs?: number },
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await attempt();
      if (value !== undefined && value !== false) return value;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
