import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { counters, gauges, histograms } from './instruments.js';

/** The work that a queue holds, as `slipstream_backlog_*` shows it. */
export interface BacklogReading {
  readonly waitingJobs: number;
  readonly activeJobs: number;
  readonly fullSteps: number;
  readonly shortcutSteps: number;
  readonly deviceSeconds: number;
}

/** What webhooks were not told yet. */
export interface WebhookReading {
  readonly outbox: number;
  readonly outboxOldestSeconds: number;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

/** The engine at this moment, as `slipstream_engine_*` shows it. */
export interface EngineReading {
  readonly capacity: number;
  readonly rowsInUse: number;
  readonly waiting: number;
  readonly outsideOnnxShare: number;
  /** Cost of one row in a run of each kind; 0 for one that has not run. */
  readonly rowSeconds: Readonly<Record<string, number>>;
  /** Lookups in its own memory of anchors since it opened, and its size. */
  readonly anchors: { readonly hits: number; readonly misses: number; readonly sizeBytes: number };
}

/** Whether a tier of shared anchors is used, and if not, why. */
export interface TierReading {
  readonly tier: string;
  readonly state: (typeof tierStates)[number];
}
const tierStates = ['used', 'open', 'dearer'] as const;

type Labels<D extends { labelNames: readonly string[] }> = D['labelNames'][number];

/** What a server's `/metrics` answers with. */
export interface Scrape {
  readonly contentType: string;
  readonly body: string;
}

const counter = <D extends (typeof counters)[keyof typeof counters]>(registry: Registry, definition: D): Counter<Labels<D>> =>
  new Counter({ ...definition, labelNames: [...definition.labelNames] as Labels<D>[], registers: [registry] });

const histogram = <D extends (typeof histograms)[keyof typeof histograms]>(registry: Registry, definition: D): Histogram<Labels<D>> =>
  new Histogram({ ...definition, labelNames: [...definition.labelNames] as Labels<D>[], buckets: [...definition.buckets], registers: [registry] });

const gauge = <D extends (typeof gauges)[keyof typeof gauges]>(registry: Registry, definition: D): Gauge<Labels<D>> =>
  new Gauge({ ...definition, labelNames: [...definition.labelNames] as Labels<D>[], registers: [registry] });

/** Instruments of the gateway. `backlog` and `webhooks` are asked at every scrape; while one fails, its gauges are absent. */
export function openGatewayMetrics(options: { backlog: () => Promise<BacklogReading>; webhooks: () => Promise<WebhookReading> }) {
  const registry = processRegistry();
  const backlog = { seconds: gauge(registry, gauges.backlogSeconds), jobs: gauge(registry, gauges.backlogJobs), steps: gauge(registry, gauges.backlogSteps) };
  const webhooks = { deliveries: gauge(registry, gauges.webhookDeliveries), oldest: gauge(registry, gauges.webhookOutboxOldest) };
  return {
    httpRequests: counter(registry, counters.httpRequests),
    httpDuration: histogram(registry, histograms.httpDuration),
    accepted: counter(registry, counters.accepted),
    refused: counter(registry, counters.refused),
    webhookAttempts: counter(registry, counters.webhookAttempts),
    webhookDuration: histogram(registry, histograms.webhookDuration),
    bundle: gauge(registry, gauges.build),
    async scrape(): Promise<Scrape> {
      for (const each of [...Object.values(backlog), ...Object.values(webhooks)]) each.reset();
      const [now, untold] = await Promise.all([options.backlog().catch(() => undefined), options.webhooks().catch(() => undefined)]);
      if (untold) {
        webhooks.oldest.set(untold.outboxOldestSeconds);
        for (const state of ['outbox', 'waiting', 'active', 'delayed'] as const) webhooks.deliveries.set({ state }, untold[state]);
      } else {
        webhooks.oldest.remove();
      }
      if (now) {
        backlog.seconds.set(now.deviceSeconds);
        backlog.jobs.set({ state: 'waiting' }, now.waitingJobs);
        backlog.jobs.set({ state: 'active' }, now.activeJobs);
        backlog.steps.set({ kind: 'full' }, now.fullSteps);
        backlog.steps.set({ kind: 'shortcut' }, now.shortcutSteps);
      } else {
        backlog.seconds.remove();
      }
      return scrapeOf(registry);
    },
  };
}

/** The fallback level of every strategy that has any, of one model. */
export interface FallbackReading {
  readonly model: string;
  readonly levels: Readonly<Record<string, number>>;
}

/** Instruments of a worker. `engine`, `fallbacks` and `tiers` are read at every scrape; undefined while the engine loads. */
export function openWorkerMetrics(options: { engine: () => EngineReading | undefined; fallbacks?: () => FallbackReading | undefined; tiers?: () => readonly TierReading[] | undefined }) {
  const registry = processRegistry();
  const [capacity, rowsInUse, rowsWaiting, outsideOnnx, stepCost, fallbackLevel] = [
    gauge(registry, gauges.capacity),
    gauge(registry, gauges.rowsInUse),
    gauge(registry, gauges.rowsWaiting),
    gauge(registry, gauges.outsideOnnx),
    gauge(registry, gauges.stepCost),
    gauge(registry, gauges.fallbackLevel),
  ];
  const [anchorMemory, anchorTier, anchorLookups] = [gauge(registry, gauges.anchorMemory), gauge(registry, gauges.anchorTier), counter(registry, counters.anchorLookups)];
  let counted = { hits: 0, misses: 0 };
  return {
    httpRequests: counter(registry, counters.httpRequests),
    httpDuration: histogram(registry, histograms.httpDuration),
    requests: counter(registry, counters.requests),
    generationErrors: counter(registry, counters.generationErrors),
    queueWait: histogram(registry, histograms.queueWait),
    requestDuration: histogram(registry, histograms.requestDuration),
    steps: counter(registry, counters.steps),
    takeOvers: counter(registry, counters.takeOvers),
    repeatedSteps: counter(registry, counters.repeatedSteps),
    stepDuration: histogram(registry, histograms.stepDuration),
    batchRows: histogram(registry, histograms.batchRows),
    cacheRequests: counter(registry, counters.cacheRequests),
    anchorLookups,
    anchorWrites: counter(registry, counters.anchorWrites),
    anchorBytes: counter(registry, counters.anchorBytes),
    anchorFetch: histogram(registry, histograms.anchorFetch),
    speedup: histogram(registry, histograms.speedup),
    harvested: counter(registry, counters.harvested),
    pictures: counter(registry, counters.pictures),
    pictureBytes: counter(registry, counters.pictureBytes),
    audits: counter(registry, counters.audits),
    auditSeconds: counter(registry, counters.auditSeconds),
    auditAgreement: histogram(registry, histograms.auditAgreement),
    auditScoreDifference: histogram(registry, histograms.auditScoreDifference),
    auditSpeedup: histogram(registry, histograms.auditSpeedup),
    fallbackChanges: counter(registry, counters.fallbackChanges),
    score: histogram(registry, histograms.score),
    frechet: gauge(registry, gauges.frechet),
    frechetPictures: gauge(registry, gauges.frechetPictures),
    bundle: gauge(registry, gauges.build),
    async scrape(): Promise<Scrape> {
      const now = options.engine();
      if (now) {
        capacity.set(now.capacity);
        rowsInUse.set(now.rowsInUse);
        rowsWaiting.set(now.waiting);
        outsideOnnx.set(now.outsideOnnxShare);
        for (const [kind, seconds] of Object.entries(now.rowSeconds)) if (seconds > 0) stepCost.set({ kind }, seconds);
        anchorMemory.set(now.anchors.sizeBytes);
        anchorLookups.inc({ tier: 'memory', result: 'hit' }, now.anchors.hits - counted.hits);
        anchorLookups.inc({ tier: 'memory', result: 'miss' }, now.anchors.misses - counted.misses);
        counted = now.anchors;
      }
      for (const { tier, state } of options.tiers?.() ?? []) for (const each of tierStates) anchorTier.set({ tier, state: each }, each === state ? 1 : 0);
      const { model = '', levels = {} } = options.fallbacks?.() ?? {};
      for (const [strategy, level] of Object.entries(levels)) fallbackLevel.set({ model, strategy }, level);
      return scrapeOf(registry);
    },
  };
}

export type GatewayMetrics = ReturnType<typeof openGatewayMetrics>;
export type WorkerMetrics = ReturnType<typeof openWorkerMetrics>;

/** Node's own gauges that promtool refuses: `_total` belongs to counters. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  return registry;
}

async function scrapeOf(registry: Registry): Promise<Scrape> {
  return { contentType: registry.contentType, body: await registry.metrics() };
}
