import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { ballot, study, studyVote, type Ballot, type Study, type StudyVote } from '@slipstream/contracts';
import { additionIn, madeBefore, type Addition, type Idempotency, type Repeat } from '../idempotency.js';
import { queueKeys, type QueueKeys } from '../keys.js';
import { RedisLink, type OutageListener } from '../redis.js';
import { studyScripts, type StudyCommands } from './study-scripts.js';
import { candidateField, pairField, VoteTally } from './vote-tally.js';

export interface StudyBookOptions extends OutageListener {
  readonly redisUrl: string;
  readonly prefix: string;
  /** How long an idempotency key is known, default a day. */
  readonly keyTtlSeconds?: number;
  /** How long a ballot may be thought about, default a day. */
  readonly ballotTtlSeconds?: number;
}

/**
 * The studies of all tenants and the votes in them, in the queue Redis without an expiry. A tenant meets its own alone. Every
 * method fails within seconds with `queue_unavailable` while Redis is away.
 */
export class StudyBook {
  readonly #link: RedisLink;
  readonly #redis: Redis & StudyCommands;
  readonly #keys: QueueKeys;
  readonly #keyTtlMs: number;
  readonly #ballotTtlSeconds: number;

  constructor({ redisUrl, prefix, keyTtlSeconds = 86_400, ballotTtlSeconds = 86_400, ...listener }: StudyBookOptions) {
    this.#link = new RedisLink(redisUrl, { role: 'producer', ...listener });
    for (const [name, script] of Object.entries(studyScripts)) this.#link.redis.defineCommand(name, script);
    this.#redis = this.#link.redis as Redis & StudyCommands;
    this.#keys = queueKeys(prefix);
    this.#keyTtlMs = keyTtlSeconds * 1000;
    this.#ballotTtlSeconds = ballotTtlSeconds;
  }

  /** Unless the same key made one before, or the tenant has `most` already. */
  async add(given: Study, { most, idempotency }: { most: number; idempotency?: Idempotency | undefined }): Promise<Addition<'studies'>> {
    const { id, tenant } = given;
    const keys = [this.#keys.studies(tenant), this.#keys.idempotency(tenant, idempotency?.key ?? '')];
    return additionIn(await this.#link.ask(() => this.#redis.addStudy(...keys, id, JSON.stringify(given), most, idempotency?.fingerprint ?? '', this.#keyTtlMs)));
  }

  /** What this key made before. */
  async made(tenant: string, { key, fingerprint }: Idempotency): Promise<Repeat | undefined> {
    return this.#link.ask(() => madeBefore(this.#redis, this.#keys.idempotency(tenant, key), fingerprint));
  }

  /** The latest first. */
  async list(tenant: string): Promise<Study[]> {
    const found = (await this.#link.ask(() => this.#redis.hvals(this.#keys.studies(tenant)))).map(studyIn);
    return found.sort((one, other) => other.createdAtMs - one.createdAtMs || (one.id < other.id ? -1 : 1));
  }

  async read(tenant: string, id: string): Promise<Study | undefined> {
    const text = await this.#link.ask(() => this.#redis.hget(this.#keys.studies(tenant), id));
    return text === null ? undefined : studyIn(text);
  }

  /** With all of its votes; false where there was none. */
  async remove(tenant: string, id: string): Promise<boolean> {
    const { studies, votes, tally } = this.#keys;
    return (await this.#link.ask(() => this.#redis.removeStudy(studies(tenant), votes(id), tally(id), id))) === 1;
  }

  /** Remembers which pair was shown, and how, under an id that cannot be guessed. */
  async show(id: string, { pair, shown }: { pair: string; shown: Ballot }): Promise<void> {
    await this.#link.ask(() => this.#redis.set(this.#keys.ballot(id, pair), JSON.stringify(shown), 'EX', this.#ballotTtlSeconds));
  }

  /** What was shown as this pair; undefined for one that never was, or too long ago. */
  async shown(id: string, pair: string): Promise<Ballot | undefined> {
    const text = await this.#link.ask(() => this.#redis.get(this.#keys.ballot(id, pair)));
    return text === null ? undefined : ballot.parse(JSON.parse(text));
  }

  /** Counts a vote once: `voted` where the pair has another, `full` where the candidate has all it wants, `missing` without ballot or study. */
  async cast({ tenant, id, votesWanted }: Study, { pair, vote }: { pair: string; vote: StudyVote }): Promise<'counted' | 'voted' | 'full' | 'missing'> {
    const { studies, votes, tally, ballot: key } = this.#keys;
    // The mark tells this vote, sent again because its answer was lost, from another one that says the same in the same millisecond.
    const args = [id, pair, JSON.stringify({ ...vote, mark: randomUUID() }), candidateField(vote.candidate), pairField(vote), votesWanted];
    return (await this.#link.ask(() => this.#redis.castVote(studies(tenant), votes(id), tally(id), key(id, pair), ...args))) as 'counted' | 'voted' | 'full' | 'missing';
  }

  async tally({ id }: Pick<Study, 'id'>): Promise<VoteTally> {
    return new VoteTally(await this.#link.ask(() => this.#redis.hgetall(this.#keys.tally(id))));
  }

  /** All of them, the oldest first. */
  async votes({ id }: Pick<Study, 'id'>): Promise<StudyVote[]> {
    const found = await this.#link.ask(() => this.#redis.hvals(this.#keys.votes(id)));
    return found.map((text) => studyVote.parse(JSON.parse(text))).sort((one, other) => one.atMs - other.atMs);
  }

  close(): void {
    this.#redis.disconnect();
  }
}

const studyIn = (text: string): Study => study.parse(JSON.parse(text));
