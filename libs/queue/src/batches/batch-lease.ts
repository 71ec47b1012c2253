import type { Redis } from 'ioredis';
import type { BatchEnd, BatchRecord, BatchStatus } from '@slipstream/contracts';
import type { QueueKeys } from '../keys.js';
import type { RedisLink } from '../redis.js';
import type { BatchPart } from './batch-book.js';
import type { BatchCommands } from './batch-scripts.js';

export interface LeaseParts {
  readonly batch: BatchRecord;
  readonly owner: string;
  readonly link: RedisLink;
  readonly keys: QueueKeys;
  readonly leaseMs: number;
  readonly keepMs: number;
}

/** Another gateway drives the batch by now; nothing of it is ours any more. */
export class LeaseLost extends Error {}

type Fields = Readonly<Record<string, string | number>>;
const pageSize = 500;

/** The right to go on with one batch, as long as it is renewed. Every method throws `LeaseLost` where it has lapsed, and does nothing then. */
export class BatchLease {
  constructor(private readonly parts: LeaseParts) {}

  /** As it was when it was taken. */
  get batch(): BatchRecord {
    return this.parts.batch;
  }

  /** How often to renew. */
  get renewMs(): number {
    return this.parts.leaseMs / 5;
  }

  /** What the batch is by now, and whether other batches wait for somebody to drive them. */
  async renew(): Promise<{ status: BatchStatus; othersWait: boolean }> {
    const [status, waiting] = (await this.#held('renewBatch', this.#own)) as [BatchStatus, number];
    return { status, othersWait: waiting > 0 };
  }

  /** To another status, unless it is not `from` any more; what it is then. */
  async advance(from: BatchStatus, to: BatchStatus, fields: Fields = {}): Promise<BatchStatus> {
    return (await this.#held('advanceBatch', this.#own, this.parts.leaseMs, from, to, Date.now(), ...Object.entries(fields).flat())) as BatchStatus;
  }

  /** A storage key that no other gateway writes to. */
  newPartKey(name: string): string {
    return `batches/${this.batch.id}/${this.parts.owner}-${name}`;
  }

  /** To be told before a part is written under this storage key. */
  async begin(key: string): Promise<void> {
    await this.#held('beginPart', [...this.#own, this.#list('begun')], this.parts.leaseMs, key);
  }

  /** These lines are done, once. */
  async keep({ before, lines, bytes, completed, failed, tokens, outputKey = '', errorKey = '' }: BatchPart): Promise<void> {
    await this.#held('keepParts', [...this.#own, this.#list('output'), this.#list('error')], this.parts.leaseMs, before, lines, bytes, completed, failed, tokens.input, tokens.output, outputKey, errorKey);
  }

  /** Storage keys in the order of their lines; those that were begun include what was never kept. */
  async *keysOf(kind: 'output' | 'error' | 'begun'): AsyncGenerator<string> {
    for (let from = 0, page: string[] = []; from === 0 || page.length === pageSize; from += pageSize) {
      page = await this.parts.link.ask(() => this.#redis.lrange(this.#list(kind), from, from + pageSize - 1));
      yield* page;
    }
  }

  /** Its end, which its tenant's webhooks are told of. */
  async end(end: BatchEnd, fields: Fields = {}): Promise<void> {
    const { tenant } = this.batch;
    const { webhooks, outbox, batchesOpenOf } = this.parts.keys;
    await this.#held('endBatch', [...this.#own, webhooks(tenant), outbox, batchesOpenOf(tenant)], this.parts.leaseMs, end, tenant, Date.now(), ...Object.entries(fields).flat());
  }

  /** Nothing is left to do: its parts are deleted. */
  async close(): Promise<void> {
    await this.#held('closeBatch', [...this.#own, this.#list('begun'), this.#list('output'), this.#list('error')], this.parts.keepMs);
  }

  /** Somebody may go on with it, after a while. */
  async release(delayMs = 0): Promise<void> {
    await this.#held('releaseBatch', this.#own, delayMs);
  }

  async #held(script: keyof BatchCommands, keys: readonly string[], third: number = this.parts.leaseMs, ...rest: (string | number)[]): Promise<unknown> {
    const answer = await this.parts.link.ask(() => this.#redis[script](...keys, this.parts.owner, this.batch.id, third, ...rest));
    if (answer === null) throw new LeaseLost(`batch ${this.batch.id} is another gateway's by now`);
    return answer;
  }

  get #own(): [string, string] {
    return [this.parts.keys.batch(this.batch.id), this.parts.keys.batchesOpen];
  }

  #list(kind: 'output' | 'error' | 'begun'): string {
    return this.parts.keys.batchParts(this.batch.id, kind);
  }

  get #redis(): Redis & BatchCommands {
    return this.parts.link.redis as Redis & BatchCommands;
  }
}
