/** Waits for the work, but no longer than the deadline; what it throws is left to whoever else watches it. */
export async function within(deadlineMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, deadlineMs)));
  await Promise.race([work.catch(() => {}), late]).finally(() => clearTimeout(timer));
}
