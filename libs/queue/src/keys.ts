/** Name of the BullMQ queue; with the prefix it makes keys such as `slipstream:generations:wait`. */
export const queueName = 'generations';

/** Names of our own keys and channels beside BullMQ's, all under one prefix. */
export interface QueueKeys {
  record(id: string): string;
  /** BullMQ's: its value is the token of the worker that holds the job. */
  lock(id: string): string;
  readonly backlog: string;
  readonly costs: string;
  readonly wait: string;
  readonly active: string;
  readonly delayed: string;
  readonly settled: string;
  readonly cancelled: string;
  /** Ids of failed generations by the time of their end. */
  readonly failed: string;
}

export function queueKeys(prefix: string): QueueKeys {
  return {
    record: (id) => `${prefix}:generation:${id}`,
    lock: (id) => `${prefix}:${queueName}:${id}:lock`,
    backlog: `${prefix}:backlog`,
    costs: `${prefix}:costs`,
    wait: `${prefix}:${queueName}:wait`,
    active: `${prefix}:${queueName}:active`,
    delayed: `${prefix}:${queueName}:delayed`,
    settled: `${prefix}:settled`,
    cancelled: `${prefix}:cancelled`,
    failed: `${prefix}:failed`,
  };
}
