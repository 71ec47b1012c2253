import type { Redis } from 'ioredis';
import type { GenerationRecord, GenerationStatus } from '@slipstream/contracts';
import type { RecordStore } from './record-store.js';

export interface ListQuery {
  /** Id of the generation that the page begins after; by default it begins with the latest. */
  readonly after?: string | undefined;
  readonly most: number;
  /** Those of any other are left out. */
  readonly status?: GenerationStatus | undefined;
  /** What the prompt must have in it, in upper or lower case. */
  readonly prompt?: string | undefined;
  /** Bounds of the time of making, Unix milliseconds, both included. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

export interface ListPage {
  readonly records: readonly GenerationRecord[];
  /** What the next page begins after; undefined after the last. A page of what is rare may be short of `most`, and not the last. */
  readonly next: string | undefined;
}

const chunk = 100;
/** One page looks at so many generations, and not at all that a tenant may have. */
const mostLooks = 2_000;

/** A tenant's generations whose records are still there, the latest first. An `after` that is no more ends the list. */
export async function listGenerations(tenant: string, query: ListQuery, { redis, records }: { redis: Redis; records: RecordStore }): Promise<ListPage> {
  const { after, most, fromMs = '-inf', toMs = '+inf' } = query;
  const fits = fitting(query);
  const key = records.keys.generations(tenant);
  const [begin, skipped] = await Promise.all([after === undefined ? -1 : redis.zrevrank(key, after), toMs === '+inf' ? 0 : redis.zcount(key, `(${toMs}`, '+inf')]);
  if (begin === null) return { records: [], next: undefined };
  const found: GenerationRecord[] = [];
  let rank = Math.max(begin + 1, skipped);
  for (const end = rank + mostLooks; rank < end; ) {
    const ids = await redis.zrange(key, rank, rank + chunk - 1, 'REV');
    const known = await Promise.all(ids.map((id) => records.read(id)));
    for (const [index, record] of known.entries()) {
      if (record && typeof fromMs === 'number' && record.createdAtMs < fromMs) return { records: found, next: undefined };
      if (!record || !fits(record)) continue;
      if (found.length === most) return { records: found, next: index === 0 ? found.at(-1)!.id : ids[index - 1]! };
      found.push(record);
    }
    rank += ids.length;
    if (ids.length < chunk) return { records: found, next: undefined };
  }
  return { records: found, next: (await redis.zrange(key, rank - 1, rank - 1, 'REV'))[0] };
}

function fitting({ status, prompt }: ListQuery): (record: GenerationRecord) => boolean {
  const sought = prompt?.toLowerCase();
  return (record) => (status === undefined || record.status === status) && (sought === undefined || record.settings.prompt.toLowerCase().includes(sought));
}
