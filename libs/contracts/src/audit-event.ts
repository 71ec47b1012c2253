import { z } from 'zod';

export const auditActions = ['tenant.set', 'tenant.suspend', 'tenant.resume', 'key.create', 'key.rotate', 'key.revoke'] as const;
export type AuditAction = (typeof auditActions)[number];

/** What an administrator did. Holds no secret. */
export const auditEvent = z.object({
  /** When, Unix milliseconds. */
  atMs: z.int().nonnegative(),
  /** Name of the credential that was used. */
  actor: z.string(),
  /** Address that it came from. */
  from: z.string(),
  requestId: z.string(),
  action: z.enum(auditActions),
  /** Id of the key or tenant. */
  subject: z.string(),
  tenant: z.string(),
  /** What was asked for. */
  details: z.record(z.string(), z.unknown()),
});
export type AuditEvent = z.infer<typeof auditEvent>;
