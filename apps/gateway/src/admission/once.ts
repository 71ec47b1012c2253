import { SlipstreamError } from '@slipstream/contracts';
import type { Idempotency, Repeat } from '@slipstream/queue';
import type { Caller } from './caller.js';
import { digest, fingerprintOf, mismatch } from './idempotency.js';

/** Things of one kind, of all tenants. */
interface Book<T> {
  read(tenant: string, id: string): Promise<T | undefined>;
  made(tenant: string, idempotency: Idempotency): Promise<Repeat | undefined>;
}

/** What is made now, or was found to have been made meanwhile. */
export type Outcome = Repeat | { readonly verdict: 'added'; readonly id: string };

export interface Asked {
  readonly caller: Caller;
  /** A key names a request among its tenant's of one kind. */
  readonly kind: 'batches' | 'datasets' | 'files' | 'studies';
  /** All that tells it from another request. */
  readonly request: object;
}

export const idempotencyOf = ({ caller: { idempotencyKey: key }, kind, request }: Asked): Idempotency | undefined =>
  key === undefined ? undefined : { key: `${kind}:${digest(key)}`, fingerprint: fingerprintOf(request) };

/** What the caller's key made before, for as long as that exists, or what `make` makes now. @throws SlipstreamError `idempotency_mismatch`, and what `make` throws */
export async function once<T>(book: Book<T>, asked: Asked, make: (idempotency: Idempotency | undefined) => Promise<Outcome>): Promise<T> {
  const idempotency = idempotencyOf(asked);
  const before = idempotency && (await book.made(asked.caller.tenant.id, idempotency));
  const made = before && (await book.read(asked.caller.tenant.id, before.id));
  return made ? repeated(before, made, asked.caller) : settled(book, await make(idempotency), asked.caller);
}

/** The thing itself. @throws SlipstreamError `idempotency_mismatch`; `not_ready` where it has gone meanwhile */
export async function settled<T>(book: Pick<Book<T>, 'read'>, outcome: Outcome, caller: Caller): Promise<T> {
  const made = await book.read(caller.tenant.id, outcome.id);
  if (made) return outcome.verdict === 'added' ? made : repeated(outcome, made, caller);
  throw new SlipstreamError('not_ready', `${outcome.id} has just been deleted or has expired`, { remedy: 'send it again' });
}

function repeated<T>({ verdict, id }: Repeat, made: T, caller: Caller): T {
  if (verdict === 'mismatch') throw mismatch(id);
  caller.replayed();
  return made;
}
