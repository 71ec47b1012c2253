import { apiKeyStatus, type ApiKey } from '@slipstream/contracts';

const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.floor(ms / 1000));

/** A key as an administrator sees it: times in Unix seconds, of each secret that still works a hint. */
export function keyObject(key: ApiKey, { nowMs, lastUsedAtMs }: { nowMs: number; lastUsedAtMs?: number | undefined }) {
  const { id, name, tenant, scopes, requestsPerMinute, createdAtMs, expiresAtMs, revokedAtMs, secrets } = key;
  return {
    id,
    object: 'api_key' as const,
    name,
    tenant,
    scopes,
    status: apiKeyStatus(key, nowMs),
    requests_per_minute: requestsPerMinute ?? null,
    created_at: seconds(createdAtMs),
    expires_at: seconds(expiresAtMs),
    revoked_at: seconds(revokedAtMs),
    last_used_at: seconds(lastUsedAtMs),
    secrets: secrets
      .filter((secret) => (secret.expiresAtMs ?? Infinity) > nowMs)
      .map(({ hint, createdAtMs: madeAtMs, expiresAtMs: endsAtMs }) => ({ hint, created_at: seconds(madeAtMs), expires_at: seconds(endsAtMs) })),
  };
}

export type KeyObject = ReturnType<typeof keyObject>;
/** Shown once, when a secret is made. */
export type KeyWithSecret = KeyObject & { readonly key: string };
