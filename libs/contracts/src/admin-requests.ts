import { z } from 'zod';
import { scopes } from './api-key.js';
import { parseRequest } from './parse-request.js';
import { defaultTenant, tenantId } from './tenant.js';

const name = z.string('must be a text of 1 to 100 characters').trim().min(1, 'must be a text of 1 to 100 characters').max(100, 'must be a text of 1 to 100 characters');
const wholeFrom = (least: number, most = 1_000_000_000) => z.int(`must be a whole number from ${least} to ${most}`).min(least, `must be at least ${least}`).max(most, `must be at most ${most}`);
const tenYears = 315_360_000;
const lifeSeconds = z.int('must be a whole number of seconds').min(1, 'must be at least 1 second').max(tenYears, 'must be at most ten years in seconds');

/** Body of `POST /admin/keys`. */
export const createKeyRequest = z.strictObject({
  name,
  tenant: tenantId.default(defaultTenant),
  scopes: z.array(z.enum(scopes, `must be one of ${scopes.join(', ')}`), 'must be a list').min(1, 'must name at least one').default([...scopes]).transform((list) => [...new Set(list)]),
  /** Left out, the key does not expire. */
  expires_in_seconds: lifeSeconds.optional(),
  /** A rate of its own in place of its tenant's. */
  requests_per_minute: wholeFrom(1).optional(),
});

/** Body of `POST /admin/keys/{id}/rotate`. */
export const rotateKeyRequest = z.strictObject({
  /** How long the present secret goes on beside the new one; 0 ends it at once. */
  overlap_seconds: z.int('must be a whole number of seconds').min(0, 'must be at least 0').max(2_592_000, 'must be at most 30 days in seconds').default(86_400),
  /** Counted from now, for the key as a whole; left out, its expiry stays. */
  expires_in_seconds: lifeSeconds.optional(),
});

/** Body of `PUT /admin/tenants/{id}`; what is left out is the server's default. */
export const tenantRequest = z.strictObject({
  name: name.optional(),
  requests_per_minute: wholeFrom(1).optional(),
  /** Waiting and in the making. */
  pictures: wholeFrom(10).optional(),
  /** Kept at a time, results of batches included. */
  files: wholeFrom(0).optional(),
  /** Of all files together. */
  file_bytes: wholeFrom(0, Number.MAX_SAFE_INTEGER).optional(),
  /** Not ended. */
  open_batches: wholeFrom(0).optional(),
  open_datasets: wholeFrom(0).optional(),
});

export type CreateKeyRequest = z.infer<typeof createKeyRequest>;
export type RotateKeyRequest = z.infer<typeof rotateKeyRequest>;
export type TenantRequest = z.infer<typeof tenantRequest>;

/** @throws SlipstreamError `invalid_request` */
export const parseCreateKey = (body: unknown): CreateKeyRequest => parseRequest(createKeyRequest, body);
/** @throws SlipstreamError `invalid_request` */
export const parseRotateKey = (body: unknown): RotateKeyRequest => parseRequest(rotateKeyRequest, body ?? {});
/** @throws SlipstreamError `invalid_request` */
export const parseTenantRequest = (body: unknown): TenantRequest => parseRequest(tenantRequest, body ?? {});
