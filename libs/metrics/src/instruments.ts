/**
 * Every instrument, named once: prefix `slipstream_`, base units, one meaning. The only place where a name is spelled.
 */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const stepSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export const counters = {
  httpRequests: { name: 'slipstream_http_requests_total', help: 'HTTP answers by route pattern, method and status', labelNames: ['route', 'method', 'status'] },
  accepted: { name: 'slipstream_generations_accepted_total', help: 'Generations put into the queue, by whether the client waits for the picture (sync, async; batch is a line of one) and by strategy', labelNames: ['mode', 'strategy'] },
  refused: { name: 'slipstream_generations_refused_total', help: 'Generations that were not accepted, by what was exceeded: rate and quota are of the tenant, backlog is of the whole fleet', labelNames: ['by'] },
  webhookAttempts: { name: 'slipstream_webhook_attempts_total', help: 'Requests to webhooks by what came of it: delivered, retried later, failed for good, or gone, which disables the webhook', labelNames: ['outcome'] },
  requests: { name: 'slipstream_requests_total', help: 'Generations that left this worker, by how: completed, failed, cancelled, expired, handed_back, retried, lost', labelNames: ['status'] },
  generationErrors: { name: 'slipstream_generation_errors_total', help: 'Tries of generations, and to store one of their pictures, that failed on this worker, whether or not they were tried again, by code of the error table', labelNames: ['code'] },
  steps: { name: 'slipstream_steps_total', help: 'Graph runs that steps took, one per row, by kind: full, head, shortcut, anchored, tail, partial, student. A head run samples from remembered features, or guesses the rest of a picture for a preview; a refresh of adaptive takes a shortcut besides', labelNames: ['kind'] },
  cacheRequests: { name: 'slipstream_cache_requests_total', help: 'Generations by whether all their pictures had been made before and were copied: hit or miss; off where the request wanted no cache', labelNames: ['result'] },
  anchorLookups: { name: 'slipstream_anchor_lookups_total', help: 'Lookups of one branch of a full step, by tier (memory, redis, objects) and result: hit; miss; awaited, another worker is computing it, asked again every few milliseconds; damaged, what was there is no whole frame of this key; failed, no answer in time; open, not asked because the tier failed a moment ago; dearer, not asked because computing is cheaper', labelNames: ['tier', 'result'] },
  anchorWrites: { name: 'slipstream_anchor_writes_total', help: 'Branches of full steps offered to a tier, by result: written, failed, or open, not sent because the tier failed a moment ago', labelNames: ['tier', 'result'] },
  anchorBytes: { name: 'slipstream_anchor_bytes_total', help: 'Bytes of anchors by tier and direction: read or written', labelNames: ['tier', 'direction'] },
  takeOvers: { name: 'slipstream_take_overs_total', help: 'Generations that this worker went on with, by what became of the one before: lost, or it had left', labelNames: ['before'] },
  repeatedSteps: { name: 'slipstream_steps_repeated_total', help: 'Steps of pictures that a worker had done when it was lost, as far as the record knows, and that this one does again', labelNames: [] },
  audits: { name: 'slipstream_audits_total', help: 'Accelerated pictures drawn to be made again with every step full, by outcome: done, failed, or dropped because the engine had no spare time', labelNames: ['model', 'strategy', 'outcome'] },
  auditSeconds: { name: 'slipstream_audit_engine_seconds_total', help: 'Engine seconds of audits that had the engine to themselves, by what was made: accelerated as asked for, or full', labelNames: ['model', 'strategy', 'made'] },
  fallbackChanges: { name: 'slipstream_fallback_changes_total', help: 'Times that this worker saw a setting fall back to a safer one, or recover to what was asked for', labelNames: ['model', 'strategy', 'to'] },
  harvested: { name: 'slipstream_harvested_trajectories_total', help: 'Trajectories of users that were drawn for the trainer, by what became of them: written to the object store; or dropped, because it did not take them in time', labelNames: ['result'] },
  pictures: { name: 'slipstream_pictures_stored_total', help: 'Pictures written to the object store by format', labelNames: ['format'] },
  pictureBytes: { name: 'slipstream_pictures_stored_bytes_total', help: 'Bytes of the pictures written to the object store by format', labelNames: ['format'] },
} as const;

export const histograms = {
  httpDuration: { name: 'slipstream_http_request_duration_seconds', help: 'Seconds from the first byte of an HTTP request to the end of its answer, by route pattern', labelNames: ['route'], buckets: seconds },
  webhookDuration: { name: 'slipstream_webhook_attempt_duration_seconds', help: 'Seconds from the making of a request to a webhook to its answer, or to the fault', labelNames: [], buckets: seconds },
  queueWait: { name: 'slipstream_queue_wait_seconds', help: 'Seconds from the making of a generation to a worker taking it', labelNames: [], buckets: seconds },
  requestDuration: { name: 'slipstream_request_duration_seconds', help: 'Seconds from the making of a generation to its end, by how it ended and by strategy', labelNames: ['status', 'strategy'], buckets: seconds },
  anchorFetch: { name: 'slipstream_anchor_fetch_seconds', help: 'Seconds of a lookup of one anchor that was answered, by tier', labelNames: ['tier'], buckets: stepSeconds },
  stepDuration: { name: 'slipstream_step_duration_seconds', help: 'Seconds of one run of a graph, whatever its number of rows, by kind', labelNames: ['kind'], buckets: stepSeconds },
  batchRows: { name: 'slipstream_batch_rows', help: 'Rows that share one run of a graph, by kind', labelNames: ['kind'], buckets: [1, 2, 4, 8, 16, 32, 64] },
  speedup: {
    name: 'slipstream_speedup_ratio',
    help: 'Engine seconds of a picture with every step full at the same N, bundle, device and batch size, divided by those of the picture as it was made. Estimated from the cost of full rows that this engine measures',
    labelNames: ['strategy'],
    buckets: [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 8, 12],
  },
  auditAgreement: {
    name: 'slipstream_audit_token_agreement_ratio',
    help: 'Share of the tokens of an accelerated picture that the same seed gives with every step full. Faithfulness, not quality',
    labelNames: ['model', 'strategy'],
    buckets: [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1],
  },
  auditScoreDifference: {
    name: 'slipstream_audit_score_difference_points',
    help: 'Score of an accelerated picture less that of the same seed with every step full, in points of 100',
    labelNames: ['model', 'strategy', 'scorer'],
    buckets: [-50, -30, -20, -15, -10, -5, -2, -1, 0, 1, 2, 5, 10, 15, 20, 30, 50],
  },
  auditSpeedup: {
    name: 'slipstream_audit_speedup_ratio',
    help: 'Measured engine seconds of a picture with every step full, divided by those of the same picture as asked for. Both one after the other on an engine that does nothing else, both with every step computed',
    labelNames: ['model', 'strategy'],
    buckets: [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 8, 12],
  },
  score: {
    name: 'slipstream_picture_score_points',
    help: 'Score of a sampled share of the pictures that were handed out, in points of 100',
    labelNames: ['model', 'strategy', 'scorer'],
    buckets: [-50, -20, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
  },
} as const;

export const gauges = {
  capacity: { name: 'slipstream_engine_capacity_rows', help: 'Rows that the engine takes at a time', labelNames: [] },
  rowsInUse: { name: 'slipstream_engine_rows_in_use', help: 'Rows of the engine that hold a picture being made', labelNames: [] },
  rowsWaiting: { name: 'slipstream_engine_rows_waiting', help: 'Pictures taken by this worker that wait for a row', labelNames: [] },
  outsideOnnx: { name: 'slipstream_engine_outside_onnx_ratio', help: 'Share of the busy engine time spent outside ONNX Runtime', labelNames: [] },
  stepCost: { name: 'slipstream_step_cost_seconds', help: 'Median seconds of one row of one step by kind, as this engine measures it', labelNames: ['kind'] },
  anchorMemory: { name: 'slipstream_anchor_memory_bytes', help: 'Size of the anchors that this engine keeps in memory', labelNames: [] },
  anchorTier: { name: 'slipstream_anchor_tier_info', help: '1 for what a tier is now, 0 for what it is not: used, open after a failure, or dearer than computing', labelNames: ['tier', 'state'] },
  backlogSeconds: { name: 'slipstream_backlog_device_seconds', help: 'Seconds of one device that the work asked for and not finished takes: full and shortcut steps times their last reported costs', labelNames: [] },
  backlogJobs: { name: 'slipstream_backlog_jobs', help: 'Generations in the queue by state', labelNames: ['state'] },
  webhookDeliveries: { name: 'slipstream_webhook_deliveries', help: 'What webhooks were not told yet, by state: outbox, events that are no deliveries yet; deliveries waiting to be sent; active, being sent; delayed, to be tried again later', labelNames: ['state'] },
  webhookOutboxOldest: { name: 'slipstream_webhook_outbox_oldest_seconds', help: 'Age of the oldest event that is no delivery yet, 0 without any', labelNames: [] },
  backlogSteps: { name: 'slipstream_backlog_steps', help: 'Steps asked for and not finished by kind', labelNames: ['kind'] },
  fallbackLevel: { name: 'slipstream_fallback_level', help: 'How far the setting of a strategy that is worst off has fallen back, over the whole fleet: 0 is as asked for, each level doubles the budget, the last makes every step full', labelNames: ['model', 'strategy'] },
  frechet: { name: 'slipstream_frechet_distance', help: 'Squared Frechet distance of the pictures last scored, over the whole fleet, to the reference of the scorer; absent below as many pictures as it has channels', labelNames: ['model', 'scorer'] },
  frechetPictures: { name: 'slipstream_frechet_pictures', help: 'Pictures that the Frechet distance is taken over', labelNames: ['model', 'scorer'] },
  build: { name: 'slipstream_bundle_info', help: 'Always 1; which bundle is served', labelNames: ['bundle', 'digest'] },
} as const;
