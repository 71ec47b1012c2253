import { z } from 'zod';
import { tenantId } from './tenant.js';

/** What a key may do: `read` is every GET, `write` makes, changes and cancels. */
export const scopes = ['read', 'write'] as const;
export type Scope = (typeof scopes)[number];

const timeMs = z.int().nonnegative();

/** One secret of a key; while a rotation overlaps there are several. The secret itself is kept nowhere. */
const keySecret = z.object({
  /** SHA-256 of the whole key as its holder sends it, hex. */
  sha256: z.string(),
  /** Its last four characters, to tell secrets apart. */
  hint: z.string(),
  createdAtMs: timeMs,
  /** Set once another has taken its place. */
  expiresAtMs: timeMs.optional(),
});

/** An API key as it is kept. */
export const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  tenant: tenantId,
  scopes: z.array(z.enum(scopes)),
  createdAtMs: timeMs,
  expiresAtMs: timeMs.optional(),
  revokedAtMs: timeMs.optional(),
  /** A rate of its own in place of its tenant's. */
  requestsPerMinute: z.int().positive().optional(),
  /** The newest first. */
  secrets: z.array(keySecret).min(1),
});
export type ApiKey = z.infer<typeof apiKey>;

export type ApiKeyStatus = 'active' | 'expired' | 'revoked';

export function apiKeyStatus({ expiresAtMs, revokedAtMs }: Pick<ApiKey, 'expiresAtMs' | 'revokedAtMs'>, nowMs: number): ApiKeyStatus {
  if (revokedAtMs !== undefined) return 'revoked';
  return expiresAtMs !== undefined && expiresAtMs <= nowMs ? 'expired' : 'active';
}
