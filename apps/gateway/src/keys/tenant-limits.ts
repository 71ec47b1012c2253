import type { TenantLimits, TenantRecord } from '@slipstream/contracts';
import type { GatewayConfig } from '../configuration.js';

export type LimitKeys = Pick<GatewayConfig, `TENANT_${'REQUESTS_PER_MINUTE' | 'PICTURES' | 'FILES' | 'FILE_BYTES' | 'OPEN_BATCHES' | 'OPEN_DATASETS'}`>;

/** The limits of a tenant for whom none are set. */
export const serverLimits = (config: LimitKeys): TenantLimits => ({
  requestsPerMinute: config.TENANT_REQUESTS_PER_MINUTE,
  pictures: config.TENANT_PICTURES,
  files: config.TENANT_FILES,
  fileBytes: config.TENANT_FILE_BYTES,
  openBatches: config.TENANT_OPEN_BATCHES,
  openDatasets: config.TENANT_OPEN_DATASETS,
});

/** Its own, and the server's where it has none. */
export const limitsOf = (tenant: Partial<Pick<TenantRecord, keyof TenantLimits>> | undefined, server: TenantLimits): TenantLimits => ({
  requestsPerMinute: tenant?.requestsPerMinute ?? server.requestsPerMinute,
  pictures: tenant?.pictures ?? server.pictures,
  files: tenant?.files ?? server.files,
  fileBytes: tenant?.fileBytes ?? server.fileBytes,
  openBatches: tenant?.openBatches ?? server.openBatches,
  openDatasets: tenant?.openDatasets ?? server.openDatasets,
});
