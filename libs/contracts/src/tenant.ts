import { z } from 'zod';

/** Names a tenant in jobs, keys and metrics. */
export const tenantId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** The tenant of whoever does not say who asks. */
export const defaultTenant = 'default';

/** What one tenant may have at a time. */
export interface TenantLimits {
  /** Accepted in the long run; as many may come at once. */
  readonly requestsPerMinute: number;
  /** Waiting and in the making, at least 10: a request is never larger than that. */
  readonly pictures: number;
}

/** Who asks: whom quotas, idempotency keys and fair shares belong to. */
export interface Tenant {
  readonly id: string;
  readonly limits: TenantLimits;
}

/** Where a generation waits: `interactive` goes before `batch`, which keeps a share of its own. */
export const lanes = ['interactive', 'batch'] as const;
export type Lane = (typeof lanes)[number];
