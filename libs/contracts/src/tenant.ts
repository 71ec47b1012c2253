import { z } from 'zod';

/** Names a tenant in jobs, keys and metrics. */
export const tenantId = z.string('must be a text').regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, "_" or "-"');

/** The tenant of a key that names none, and of everybody where no key is asked for. */
export const defaultTenant = 'default';

/** What one tenant may have at a time. */
export interface TenantLimits {
  /** Accepted in the long run; as many may come at once. */
  readonly requestsPerMinute: number;
  /** Waiting and in the making, at least 10: a request is never larger than that. */
  readonly pictures: number;
  /** Files that it keeps, and their bytes together; results of its batches count, and are never refused. */
  readonly files: number;
  readonly fileBytes: number;
  /** That have not ended. */
  readonly openBatches: number;
  readonly openDatasets: number;
}

/** Who asks: whom quotas, idempotency keys and fair shares belong to. */
export interface Tenant {
  readonly id: string;
  readonly limits: TenantLimits;
}

/** What an administrator has set for a tenant; what is left out is the server's default. */
export const tenantRecord = z.object({
  id: tenantId,
  name: z.string().optional(),
  requestsPerMinute: z.int().positive().optional(),
  pictures: z.int().positive().optional(),
  files: z.int().nonnegative().optional(),
  fileBytes: z.int().nonnegative().optional(),
  openBatches: z.int().nonnegative().optional(),
  openDatasets: z.int().nonnegative().optional(),
  createdAtMs: z.int().nonnegative(),
  /** Since when none of its keys lets anybody in. */
  suspendedAtMs: z.int().nonnegative().optional(),
});
export type TenantRecord = z.infer<typeof tenantRecord>;

/** Where a generation waits: `interactive` goes before `batch`, which keeps a share of its own. */
export const lanes = ['interactive', 'batch'] as const;
export type Lane = (typeof lanes)[number];
