import { SlipstreamError, type ErrorCode, type TenantLimits } from '@slipstream/contracts';

type Held = Exclude<keyof TenantLimits, 'requestsPerMinute' | 'pictures'>;

const texts: Readonly<Record<Held, { code: ErrorCode; field: string; of: string; remedy: string }>> = {
  files: { code: 'files_full', field: 'files', of: 'files', remedy: 'delete some' },
  fileBytes: { code: 'files_full', field: 'file_bytes', of: 'bytes in files', remedy: 'delete some' },
  openBatches: { code: 'batches_full', field: 'open_batches', of: 'unfinished batches', remedy: 'wait for one to end, cancel one' },
  openDatasets: { code: 'datasets_full', field: 'open_datasets', of: 'unfinished data sets', remedy: 'wait for one to end, cancel one' },
};

/** What to say where a tenant would have more than it may; `param` is the limit, as the admin door names it. */
export function tenantFull(limit: Held, limits: TenantLimits): SlipstreamError {
  const { code, field, of, remedy } = texts[limit];
  return new SlipstreamError(code, `this tenant may have ${limits[limit]} ${of}, and this would be more`, { param: field, remedy: `${remedy}, or ask the operator of this service for a larger ${field}` });
}
