import type { Lane } from '@slipstream/contracts';

/** Name of the BullMQ queue; with the prefix it makes keys such as `slipstream:generations:wait`. */
export const queueName = 'generations';

/** Names of our own keys and channels beside BullMQ's, all under one prefix. */
export interface QueueKeys {
  readonly prefix: string;
  record(id: string): string;
  /** Sorted set: every generation that is queued and no worker has, by when it must have started. */
  readonly waiting: string;
  /** List: ids of one tenant in one lane, oldest first, that have not gone to BullMQ. */
  line(lane: Lane, tenant: string): string;
  /** Sorted set: tenants of a lane by what they were charged. */
  lane(lane: Lane): string;
  /** Sorted set: lanes by what they were charged. */
  readonly lanes: string;
  /** Hash: what the one served last had been charged before, of `lanes` and of each lane. */
  readonly level: string;
  /** Sorted set: ids on their way to BullMQ, by when they left their line. */
  readonly moving: string;
  /** Hash: pictures that each worker takes at a time, and their `total`. */
  readonly hands: string;
  /** Sorted set: workers by when they count as gone unless heard of. */
  readonly workers: string;
  /** Hash: requests that a tenant may still send at once. */
  bucket(tenant: string): string;
  /** Hash: pictures that each tenant has waiting and in the making. */
  readonly held: string;
  /** Hash: device-seconds of work finished per second, and by when what was refused would be done. */
  readonly drain: string;
  /** Hash: what a tenant's idempotency key made, and from what. Keys of other things than generations begin with their kind. */
  idempotency(tenant: string, key: string): string;
  /** BullMQ's: its value is the token of the worker that holds the job. */
  lock(id: string): string;
  /** Hash: pictures and steps accepted and not settled, and the pictures among them that were `taken` out of their line. */
  readonly backlog: string;
  readonly costs: string;
  readonly wait: string;
  readonly active: string;
  readonly delayed: string;
  /** Sorted set: ids that a worker was asked to stop, by when. */
  readonly cancelling: string;
  readonly settled: string;
  readonly cancelled: string;
  /** Ids of failed generations by the time of their end. */
  readonly failed: string;
  /** Sorted set: generations of a tenant by the time of their making; some are gone. */
  generations(tenant: string): string;
  /** Channel: something about this generation has changed; beside `settled`. */
  progress(id: string): string;
  /** Hash: the latest preview of each picture, for a short while. */
  previews(id: string): string;
  /** Hash: the webhooks of a tenant by id. */
  webhooks(tenant: string): string;
  /** Sorted set: events that are not deliveries yet, by when somebody may take them. */
  readonly outbox: string;
  /** Hash: one event on its way to one webhook. */
  delivery(id: string): string;
  /** Sorted set: deliveries of a webhook by the time of their making. */
  deliveries(webhook: string): string;
  /** Text: what is known of a file. */
  file(id: string): string;
  /** Sorted set: files of a tenant by the time of their making. */
  files(tenant: string): string;
  /** Hash: bytes of the files of each tenant. */
  readonly fileBytes: string;
  /** Sorted set: all files by when they are to be deleted. */
  readonly filesExpiring: string;
  /** Hash: what each worker tells of itself, by its id. */
  readonly fleetWorkers: string;
  /** Hash: what all workers counted in one stretch of time. */
  fleetPoint(span: string, number: number): string;
  /** Hash: the studies of a tenant by id. */
  studies(tenant: string): string;
  /** Hash: the votes of a study by the id of the pair as it was shown. */
  votes(study: string): string;
  /** Hash: how many votes of a study are on what. */
  tally(study: string): string;
  /** A pair as it was shown to somebody, for a while. */
  ballot(study: string, pair: string): string;
  /** Hash: a batch as far as it is. */
  batch(id: string): string;
  /** Sorted set: batches of a tenant by the time of their making. */
  batches(tenant: string): string;
  /** Sorted set: batches that are not done with, by when somebody may take them. */
  readonly batchesOpen: string;
  /** Set: batches of a tenant that have not ended. */
  batchesOpenOf(tenant: string): string;
  /** Lists of storage keys: parts of the outputs and of the errors of a batch, and all parts that were ever begun. */
  batchParts(id: string, kind: 'output' | 'error' | 'begun'): string;
  /** Hash: what is known of a data set. */
  dataset(id: string): string;
  /** Bitmap: its shards that are done. */
  datasetShards(id: string): string;
  /** Sorted set: data sets of a tenant by the time of their making. */
  datasets(tenant: string): string;
  /** Set: data sets of a tenant that have not ended. */
  datasetsOpenOf(tenant: string): string;
  /** Hashes by id: API keys, what is set for tenants, when keys were last seen. */
  readonly apiKeys: string;
  readonly tenants: string;
  readonly apiKeysUsed: string;
  /** Stream: what administrators did. */
  readonly audit: string;
  /** Channel: ids of keys and tenants that have changed. */
  readonly keysChanged: string;
}

export function queueKeys(prefix: string): QueueKeys {
  return {
    prefix,
    record: (id) => `${prefix}:generation:${id}`,
    waiting: `${prefix}:waiting`,
    line: (lane, tenant) => `${prefix}:line:${lane}:${tenant}`,
    lane: (lane) => `${prefix}:lane:${lane}`,
    lanes: `${prefix}:lanes`,
    level: `${prefix}:level`,
    moving: `${prefix}:moving`,
    hands: `${prefix}:hands`,
    workers: `${prefix}:workers`,
    bucket: (tenant) => `${prefix}:bucket:${tenant}`,
    held: `${prefix}:held`,
    drain: `${prefix}:drain`,
    idempotency: (tenant, key) => `${prefix}:idempotency:${tenant}:${key}`,
    lock: (id) => `${prefix}:${queueName}:${id}:lock`,
    backlog: `${prefix}:backlog`,
    costs: `${prefix}:costs`,
    wait: `${prefix}:${queueName}:wait`,
    active: `${prefix}:${queueName}:active`,
    delayed: `${prefix}:${queueName}:delayed`,
    cancelling: `${prefix}:cancelling`,
    settled: `${prefix}:settled`,
    cancelled: `${prefix}:cancelled`,
    failed: `${prefix}:failed`,
    generations: (tenant) => `${prefix}:generations-of:${tenant}`,
    progress: (id) => `${prefix}:progress:${id}`,
    previews: (id) => `${prefix}:previews:${id}`,
    webhooks: (tenant) => `${prefix}:webhooks:${tenant}`,
    outbox: `${prefix}:outbox`,
    delivery: (id) => `${prefix}:delivery:${id}`,
    deliveries: (webhook) => `${prefix}:deliveries-of:${webhook}`,
    file: (id) => `${prefix}:file:${id}`,
    files: (tenant) => `${prefix}:files-of:${tenant}`,
    fileBytes: `${prefix}:file-bytes`,
    filesExpiring: `${prefix}:files-expiring`,
    fleetWorkers: `${prefix}:fleet-workers`,
    fleetPoint: (span, number) => `${prefix}:fleet-point:${span}:${number}`,
    studies: (tenant) => `${prefix}:studies:${tenant}`,
    votes: (study) => `${prefix}:votes-of:${study}`,
    tally: (study) => `${prefix}:tally-of:${study}`,
    ballot: (study, pair) => `${prefix}:ballot:${study}:${pair}`,
    batch: (id) => `${prefix}:batch:${id}`,
    batches: (tenant) => `${prefix}:batches-of:${tenant}`,
    batchesOpen: `${prefix}:batches-open`,
    batchesOpenOf: (tenant) => `${prefix}:batches-open-of:${tenant}`,
    batchParts: (id, kind) => `${prefix}:batch-parts:${id}:${kind}`,
    dataset: (id) => `${prefix}:dataset:${id}`,
    datasetShards: (id) => `${prefix}:dataset-shards:${id}`,
    datasets: (tenant) => `${prefix}:datasets-of:${tenant}`,
    datasetsOpenOf: (tenant) => `${prefix}:datasets-open-of:${tenant}`,
    apiKeys: `${prefix}:api-keys`,
    tenants: `${prefix}:tenants`,
    apiKeysUsed: `${prefix}:api-keys-used`,
    audit: `${prefix}:audit`,
    keysChanged: `${prefix}:keys-changed`,
  };
}

/** KEYS 1 to 8 of every script that settles a generation; a tenant's name makes the seventh whole. */
export const ledgerKeys = ({ waiting, backlog, costs, held, drain, workers, webhooks, outbox }: QueueKeys): string[] => [waiting, backlog, costs, held, drain, workers, webhooks(''), outbox];
