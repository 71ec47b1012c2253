import { handsPerRow } from '@slipstream/admission';
import { SlipstreamError, type GenerationJob } from '@slipstream/contracts';
import { openWorkerMetrics, type WorkerMetrics } from '@slipstream/metrics';
import { FleetBoard, GenerationConsumer, type GenerationResult, type JobContext, type JobReport, type TakeOver } from '@slipstream/queue';
import { openEngine, type Engine } from '@slipstream/runtime';
import { Health, openServer, runUntilSignal, withLogIds, type Logger } from '@slipstream/server-kit';
import { openStore, type ObjectStore } from '@slipstream/storage';
import type { FleetAnchors } from '@slipstream/trajectories';
import { openDatasets, type Datasets } from './datasets/open-datasets.js';
import { FleetTeller } from './fleet/fleet-teller.js';
import { generate, type MadePicture } from './generate.js';
import { openHarvest, type Harvest } from './harvest.js';
import { openAnchors } from './open-anchors.js';
import { patientWrites } from './patient-writes.js';
import { openQuality, type Quality } from './quality/open-quality.js';
import { StoredResults } from './stored-results.js';
import { throttled } from './throttled.js';
import { stepCosts, watchEngine } from './watch-engine.js';
import { anchorOptions, scorerDirs, type WorkerConfig } from './worker-config.js';
import { WorkerModule } from './worker.module.js';

/** Queue door → engine thread → storage. Serves its health while the bundle loads; ends by signal, or with 1 when the engine dies. */
export async function startWorker(config: WorkerConfig, logger: Logger): Promise<void> {
  let engine: Engine | undefined;
  let consumer: GenerationConsumer | undefined;
  let quality: Quality | undefined;
  let anchors: FleetAnchors | undefined;
  let harvest: Harvest | undefined;
  let fleet: FleetTeller | undefined;
  let datasets: Datasets | undefined;
  let unwatch = (): void => {};
  const store = openStore(config.STORAGE_URL);
  const metrics = openWorkerMetrics({ engine: () => engine?.stats(), fallbacks: () => quality?.fallbacks, tiers: () => anchors?.states });
  const health = new Health({
    ready: { redis: async () => consumer?.check(), storage: throttled(() => store.check(), 10_000) },
    live: () => (consumer?.stuck ? 'jobs wait, hands are free, and none is fetched' : undefined),
    scrape: () => metrics.scrape(),
  });
  const app = await openServer(WorkerModule.with(health), { logger, onAnswer: answered(metrics) });
  const { fail } = runUntilSignal({
    logger,
    health,
    drainSeconds: config.DRAIN_SECONDS,
    drain: async (deadlineMs) => void (await Promise.all([datasets?.close(), consumer?.close({ deadlineMs })])),
    async close() {
      unwatch();
      await fleet?.close();
      quality?.close();
      await engine?.close();
      await anchors?.close();
      await harvest?.close();
      await store.close();
      await app.close();
    },
  });
  await app.listen(config.WORKER_PORT, config.HOST);
  engine = await openEngine({ bundleDir: config.BUNDLE, executionProvider: config.EXECUTION_PROVIDER, threads: config.ENGINE_THREADS, capacity: config.ENGINE_CAPACITY, scorerDirs: scorerDirs(config), anchors: anchorOptions(config) });
  if (health.draining) return;
  anchors = openAnchors(config, { engine, metrics, logger });
  const teller = (fleet = openTeller(config, engine, () => datasets?.spareRows ?? 0));
  quality = openQuality(config, { engine, metrics, logger, onFinding: (...finding) => teller.audited(...finding) });
  harvest = openHarvest(config, { engine, store, metrics, logger });
  const patient = patientStore(config, { store, metrics, logger });
  datasets = openDatasets(config, { engine, store: patient, logger, onPicture: (file) => teller.madeFile(file) });
  consumer = consume(config, { engine, quality, fleet, harvest, datasets, store, patient, metrics, logger });
  unwatch = watchEngine(engine, { metrics, consumer });
  void engine.died.then(fail);
  health.serve();
  logger.info({ bundle: engine.manifest.name, digest: engine.digest, capacity: engine.capacity, storage: store.address, port: config.WORKER_PORT }, 'worker takes jobs');
}

function openTeller(config: WorkerConfig, engine: Engine, spareRows: () => number): FleetTeller {
  const board = new FleetBoard({ redisUrl: config.REDIS_URL, prefix: config.QUEUE_PREFIX });
  return new FleetTeller({ engine, board, costs: () => stepCosts(engine.stats()), spareRows });
}

interface ConsumeParts {
  readonly engine: Engine;
  readonly quality: Quality;
  readonly fleet: FleetTeller;
  readonly harvest: Harvest | undefined;
  readonly datasets: Datasets;
  readonly store: ObjectStore;
  /** The same, with writes that wait out an outage. */
  readonly patient: PatientStore;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
}

function consume(config: WorkerConfig, parts: ConsumeParts): GenerationConsumer {
  const { engine, quality, fleet, harvest, datasets, logger } = parts;
  const results = config.CACHE_RESULTS === 'on' ? new StoredResults(parts.store, engine.digest) : undefined;
  const make = async (job: GenerationJob, context: JobContext): Promise<GenerationResult> => {
    const leaves = [quality, datasets].map((others) => others.enter(job.settings.n));
    const onPicture = (picture: MadePicture): void => (fleet.made(), quality.hear(picture), harvest?.hear(picture));
    return generate(job, context, { ...parts, store: parts.patient, results, onPicture })
      .catch((error: unknown) => blame(engine, error))
      .finally(() => leaves.forEach((leave) => leave()));
  };
  return new GenerationConsumer({
    redisUrl: config.REDIS_URL,
    prefix: config.QUEUE_PREFIX,
    recordTtlSeconds: config.RESULT_TTL_SECONDS,
    bundle: engine.digest,
    concurrency: Math.ceil(engine.capacity * handsPerRow),
    process: (job, context) => withLogIds({ requestId: job.requestId, jobId: job.id }, () => make(job, context)),
    onTakeOver: (takeOver) => tookOver(takeOver, parts),
    onReport: (report) => reported(report, parts),
    onError: (error) => logger.error({ err: error }, error.message),
    onRecovered: () => logger.info('Redis answers again'),
  });
}

type PatientStore = Pick<ObjectStore, 'put' | 'write' | 'get' | 'slice' | 'head' | 'delete'>;

function patientStore(config: WorkerConfig, parts: Pick<ConsumeParts, 'store' | 'metrics' | 'logger'>): PatientStore {
  const { store } = parts;
  const { put } = patientWrites(store, { patienceMs: config.STORAGE_PATIENCE_SECONDS * 1000, onRetry: (error, tries) => triedAgain(error, tries, parts) });
  return { put, write: (key, source, options) => store.write(key, source, options), get: (key, options) => store.get(key, options), slice: (key, range, options) => store.slice(key, range, options), head: (key, options) => store.head(key, options), delete: (key) => store.delete(key) };
}

/** Whatever a job threw while the engine died is the end of this worker, not a failure of the job: it may have been any of them. */
async function blame(engine: Engine, error: unknown): Promise<never> {
  const death = await Promise.race([engine.died, undefined]);
  throw death ? new SlipstreamError('worker_lost', `the engine of this worker died: ${death.message}`, { cause: death }) : error;
}

function tookOver({ job, repeated, losses }: TakeOver, { metrics, logger }: ConsumeParts): void {
  metrics.takeOvers.inc({ before: losses > 0 ? 'lost' : 'left' });
  metrics.repeatedSteps.inc(repeated.reduce((total, steps) => total + steps, 0));
  logger.info({ requestId: job.requestId, jobId: job.id, repeated, losses }, 'generation taken over');
}

/** An outage is a line for each picture that it holds up, not for each try. */
function triedAgain(error: SlipstreamError, tries: number, { metrics, logger }: Pick<ConsumeParts, 'metrics' | 'logger'>): void {
  metrics.generationErrors.inc({ code: error.code });
  if (tries === 1) logger.warn({ err: error }, `a picture waits to be stored: ${error.message}`);
}

function reported({ job, outcome, queuedSeconds, totalSeconds, error }: JobReport, { metrics, logger }: ConsumeParts): void {
  metrics.requests.inc({ status: outcome });
  if (error) metrics.generationErrors.inc({ code: error.code });
  if (outcome !== 'handed_back' && outcome !== 'retried' && outcome !== 'lost') {
    metrics.queueWait.observe(queuedSeconds);
    metrics.requestDuration.observe({ status: outcome, strategy: job.settings.strategy }, totalSeconds);
  }
  const line = { requestId: job.requestId, jobId: job.id, outcome, queuedSeconds, totalSeconds };
  if (error) logger.error({ ...line, err: error }, `generation ${outcome}: ${error.message}`);
  else logger.info(line, `generation ${outcome}`);
}

const answered = (metrics: WorkerMetrics) => ({ route, method, status, seconds }: { route: string; method: string; status: number; seconds: number }): void => {
  metrics.httpRequests.inc({ route, method, status: String(status) });
  metrics.httpDuration.observe({ route }, seconds);
};
