/** Name of the BullMQ queue; with the prefix it makes keys such as `slipstream:generations:wait`. */
export const queueName = 'generations';

/** Names of our own keys and channels beside BullMQ's, all under one prefix. */
export interface QueueKeys {
  record(id: string): string;
  readonly backlog: string;
  readonly costs: string;
  readonly wait: string;
  readonly active: string;
  readonly delayed: string;
  readonly settled: string;
  readonly cancelled: string;
}

export function queueKeys(prefix: string): QueueKeys {
  return {
    record: (id) => `${prefix}:generation:${id}`,
    backlog: `${prefix}:backlog`,
    costs: `${prefix}:costs`,
    wait: `${prefix}:${queueName}:wait`,
    active: `${prefix}:${queueName}:active`,
    delayed: `${prefix}:${queueName}:delayed`,
    settled: `${prefix}:settled`,
    cancelled: `${prefix}:cancelled`,
  };
}
