/**
 * Every error that may leave a process, once. `retryable` says whether the same request may succeed later unchanged:
 * the HTTP door tells clients so, the queue door tries such a job again.
 */
export const errorTable = {
  invalid_request: { httpStatus: 400, retryable: false, title: 'The request is not valid' },
  invalid_json: { httpStatus: 400, retryable: false, title: 'The body is not valid JSON' },
  unsupported_media_type: { httpStatus: 415, retryable: false, title: 'The content type is not supported' },
  body_too_large: { httpStatus: 413, retryable: false, title: 'The body is too large' },
  route_not_found: { httpStatus: 404, retryable: false, title: 'There is no such address' },
  method_not_allowed: { httpStatus: 405, retryable: false, title: 'The address does not take this method' },
  model_not_found: { httpStatus: 404, retryable: false, title: 'There is no such model' },
  generation_not_found: { httpStatus: 404, retryable: false, title: 'There is no such generation' },
  webhook_not_found: { httpStatus: 404, retryable: false, title: 'There is no such webhook' },
  webhooks_full: { httpStatus: 409, retryable: false, title: 'There are too many webhooks' },
  delivery_not_found: { httpStatus: 404, retryable: false, title: 'There is no such delivery' },
  picture_not_found: { httpStatus: 404, retryable: false, title: 'There is no such picture' },
  picture_link_invalid: { httpStatus: 403, retryable: false, title: 'The picture link was altered' },
  picture_link_expired: { httpStatus: 410, retryable: false, title: 'The picture link has expired' },
  generation_unsettled: { httpStatus: 409, retryable: false, title: 'The generation has not ended yet' },
  generation_settled: { httpStatus: 409, retryable: false, title: 'The generation has already ended' },
  generation_cancelled: { httpStatus: 409, retryable: false, title: 'The generation was cancelled' },
  generation_expired: { httpStatus: 410, retryable: false, title: 'The generation has expired' },
  sync_limit_exceeded: { httpStatus: 504, retryable: false, title: 'The picture was not ready within the synchronous limit' },
  rate_limited: { httpStatus: 429, retryable: true, title: 'Too many requests' },
  quota_exceeded: { httpStatus: 429, retryable: true, title: 'Too many pictures are waiting' },
  overloaded: { httpStatus: 503, retryable: true, title: 'Too much work is waiting' },
  idempotency_mismatch: { httpStatus: 422, retryable: false, title: 'The idempotency key belongs to another request' },
  not_ready: { httpStatus: 503, retryable: true, title: 'The service is not ready' },
  queue_unavailable: { httpStatus: 503, retryable: true, title: 'The queue cannot be reached' },
  storage_unavailable: { httpStatus: 503, retryable: true, title: 'The picture store cannot be reached' },
  storage_denied: { httpStatus: 503, retryable: false, title: 'The picture store refuses access' },
  storage_full: { httpStatus: 507, retryable: true, title: 'The picture store is full' },
  bundle_invalid: { httpStatus: 500, retryable: false, title: 'The model bundle is not valid' },
  worker_lost: { httpStatus: 500, retryable: true, title: 'The workers stopped while they made the picture' },
  engine_failed: { httpStatus: 500, retryable: true, title: 'The engine failed' },
  configuration_invalid: { httpStatus: 500, retryable: false, title: 'The configuration is not valid' },
  internal_error: { httpStatus: 500, retryable: true, title: 'Something unexpected went wrong' },
} as const satisfies Record<string, { httpStatus: number; retryable: boolean; title: string }>;

export type ErrorCode = keyof typeof errorTable;
