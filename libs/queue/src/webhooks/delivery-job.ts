/** Name of BullMQ's queue of deliveries. */
export const deliveryQueue = 'deliveries';

/** A delivery's job in its how manieth turn. The log says when it is enough: BullMQ never gives up on one. */
export const deliveryJob = (id: string, turn: number) =>
  ({ name: 'deliver', data: {}, opts: { jobId: `${id}.${turn}`, attempts: Number.MAX_SAFE_INTEGER, backoff: 1_000, removeOnComplete: true, removeOnFail: true } }) as const;

/** The delivery and the turn that a job is for. */
export function deliveryOf(jobId: string): { id: string; turn: number } {
  const [id, turn] = jobId.split('.');
  return { id: id!, turn: Number(turn) };
}
