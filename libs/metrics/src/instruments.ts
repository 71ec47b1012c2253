/**
 * Every instrument, named once: prefix `slipstream_`, base units, one meaning. The only place where a name is spelled.
 */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const stepSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export const counters = {
  httpRequests: { name: 'slipstream_http_requests_total', help: 'HTTP answers by route pattern, method and status', labelNames: ['route', 'method', 'status'] },
  accepted: { name: 'slipstream_generations_accepted_total', help: 'Generations put into the queue, by whether the client waits for the picture and by strategy', labelNames: ['mode', 'strategy'] },
  requests: { name: 'slipstream_requests_total', help: 'Generations that left this worker, by how: completed, failed, cancelled, expired, handed_back, retried, lost', labelNames: ['status'] },
  steps: { name: 'slipstream_steps_total', help: 'Graph runs that steps took, one per row, by kind: full, head, shortcut, anchored, tail, partial, student. A head run samples from remembered features; a refresh of adaptive takes a shortcut besides', labelNames: ['kind'] },
  cacheRequests: { name: 'slipstream_cache_requests_total', help: 'Generations by whether any branch of a first step was remembered: hit or miss', labelNames: ['result'] },
  pictures: { name: 'slipstream_pictures_stored_total', help: 'Pictures written to the object store by format', labelNames: ['format'] },
  pictureBytes: { name: 'slipstream_pictures_stored_bytes_total', help: 'Bytes of the pictures written to the object store by format', labelNames: ['format'] },
} as const;

export const histograms = {
  httpDuration: { name: 'slipstream_http_request_duration_seconds', help: 'Seconds from the first byte of an HTTP request to the end of its answer, by route pattern', labelNames: ['route'], buckets: seconds },
  queueWait: { name: 'slipstream_queue_wait_seconds', help: 'Seconds from the making of a generation to a worker taking it', labelNames: [], buckets: seconds },
  requestDuration: { name: 'slipstream_request_duration_seconds', help: 'Seconds from the making of a generation to its end, by how it ended and by strategy', labelNames: ['status', 'strategy'], buckets: seconds },
  stepDuration: { name: 'slipstream_step_duration_seconds', help: 'Seconds of one run of a graph, whatever its number of rows, by kind', labelNames: ['kind'], buckets: stepSeconds },
  batchRows: { name: 'slipstream_batch_rows', help: 'Rows that share one run of a graph, by kind', labelNames: ['kind'], buckets: [1, 2, 4, 8, 16, 32, 64] },
  speedup: {
    name: 'slipstream_speedup_ratio',
    help: 'Engine seconds of a picture with every step full at the same N, bundle, device and batch size, divided by those of the picture as it was made. Estimated from the cost of full rows that this engine measures',
    labelNames: ['strategy'],
    buckets: [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 8, 12],
  },
} as const;

export const gauges = {
  capacity: { name: 'slipstream_engine_capacity_rows', help: 'Rows that the engine takes at a time', labelNames: [] },
  rowsInUse: { name: 'slipstream_engine_rows_in_use', help: 'Rows of the engine that hold a picture being made', labelNames: [] },
  rowsWaiting: { name: 'slipstream_engine_rows_waiting', help: 'Pictures taken by this worker that wait for a row', labelNames: [] },
  outsideOnnx: { name: 'slipstream_engine_outside_onnx_ratio', help: 'Share of the busy engine time spent outside ONNX Runtime', labelNames: [] },
  stepCost: { name: 'slipstream_step_cost_seconds', help: 'Median seconds of one row of one step by kind, as this engine measures it', labelNames: ['kind'] },
  backlogSeconds: { name: 'slipstream_backlog_device_seconds', help: 'Seconds of one device that the work asked for and not finished takes: full and shortcut steps times their last reported costs', labelNames: [] },
  backlogJobs: { name: 'slipstream_backlog_jobs', help: 'Generations in the queue by state', labelNames: ['state'] },
  backlogSteps: { name: 'slipstream_backlog_steps', help: 'Steps asked for and not finished by kind', labelNames: ['kind'] },
  build: { name: 'slipstream_bundle_info', help: 'Always 1; which bundle is served', labelNames: ['bundle', 'digest'] },
} as const;
