import { TTLCache } from '@isaacs/ttlcache';
import { apiKeyStatus, SlipstreamError, type TenantLimits } from '@slipstream/contracts';
import type { FoundKey, KeyStore } from '@slipstream/queue';
import type { Identity } from './identity.js';
import { claimedKeyId, matchingSecret } from './secret.js';
import { limitsOf } from './tenant-limits.js';

const mostKeys = 10_000;
const freshMs = 5_000;

export interface KeyRingParts {
  readonly store: Pick<KeyStore, 'find'>;
  /** Limits of a tenant for whom none are set. */
  readonly limits: TenantLimits;
  /** Told the id of each key that let somebody in. */
  readonly onUse: (keyId: string) => void;
  readonly now?: () => number;
}

/** Tells whose secret a text is. Remembers keys for seconds; `forget` is for when one has changed. */
export class KeyRing {
  readonly #parts: KeyRingParts;
  readonly #now: () => number;
  /** Promises, so that requests of one moment share a look-up, and one under way is forgotten like the rest. */
  readonly #known = new TTLCache<string, Promise<FoundKey | undefined>>({ max: mostKeys, ttl: freshMs, checkAgeOnGet: true });

  constructor(parts: KeyRingParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  /**
   * Only who holds a secret learns that its time is up, or its tenant suspended; whatever else is wrong has one answer.
   * @throws SlipstreamError `invalid_api_key`, `api_key_expired`, `api_key_revoked`, `tenant_suspended`, `queue_unavailable`
   */
  async identify(text: string): Promise<Identity> {
    const id = claimedKeyId(text);
    const found = id === undefined ? undefined : await this.#find(id);
    const secret = matchingSecret(text, found?.key.secrets ?? []);
    if (!found || !secret) throw new SlipstreamError('invalid_api_key', 'the API key is not valid', { remedy: 'check that it was copied whole, or ask the operator of this service for one' });
    this.#checkTime(found.key, secret.expiresAtMs);
    if (found.tenant?.suspendedAtMs !== undefined) throw new SlipstreamError('tenant_suspended', 'this API key’s tenant is suspended', { remedy: 'ask the operator of this service' });
    this.#parts.onUse(found.key.id);
    return this.#identityOf(found);
  }

  /** From now on keys are looked up anew. */
  forget(): void {
    this.#known.clear();
  }

  /** An id that nobody has is looked up each time: whoever makes up ids must not push out keys. */
  #find(id: string): Promise<FoundKey | undefined> {
    const known = this.#known.get(id);
    if (known) return known;
    const looked = this.#parts.store.find(id);
    this.#known.set(id, looked);
    const drop = (): void => {
      if (this.#known.get(id) === looked) this.#known.delete(id);
    };
    looked.then((found) => found ?? drop(), drop);
    return looked;
  }

  #checkTime(key: FoundKey['key'], secretEndsAtMs = Infinity): void {
    const now = this.#now();
    const status = secretEndsAtMs <= now ? 'replaced' : apiKeyStatus(key, now);
    const remedy = 'ask the operator of this service for a new one';
    switch (status) {
      case 'active':
        return;
      case 'revoked':
        throw new SlipstreamError('api_key_revoked', 'the API key was revoked', { remedy });
      case 'expired':
        throw new SlipstreamError('api_key_expired', 'the API key has expired', { remedy });
      case 'replaced':
        throw new SlipstreamError('api_key_expired', 'the API key was replaced by a newer one', { remedy: 'use that' });
    }
  }

  #identityOf({ key, tenant }: FoundKey): Identity {
    const limits = limitsOf(tenant, this.#parts.limits);
    const own = key.requestsPerMinute;
    return {
      tenant: { id: key.tenant, limits: { ...limits, requestsPerMinute: own ?? limits.requestsPerMinute } },
      scopes: key.scopes,
      bucket: own === undefined ? key.tenant : `${key.tenant}:${key.id}`,
    };
  }
}
