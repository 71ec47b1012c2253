import { describe, expect, it } from 'vitest';
import { counters, gauges, histograms } from './instruments.js';
import { openGatewayMetrics, openWorkerMetrics, type EngineReading } from './open-metrics.js';

const webhooks = async () => ({ outbox: 2, outboxOldestSeconds: 1.5, waiting: 3, active: 4, delayed: 5 });
const backlog = { waitingJobs: 3, activeJobs: 1, fullSteps: 18, shortcutSteps: 78, deviceSeconds: 4.5 };

describe('the instruments', () => {
  const all = [...Object.values(counters), ...Object.values(histograms), ...Object.values(gauges)];

  it('have the prefix, a unit, a help text, and a name of their own', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    for (const { name, help } of all) {
      expect(name).toMatch(/^slipstream_[a-z0-9_]+_(total|seconds|ratio|bytes|rows|rows_in_use|rows_waiting|jobs|steps|info|points|level|distance|pictures|deliveries)$/);
      expect(help.length).toBeGreaterThan(10);
    }
    for (const { name } of Object.values(counters)) expect(name).toMatch(/_total$/);
  });

  it('state the baseline of the speed-up', () => {
    expect(histograms.speedup.help).toMatch(/every step full/);
  });
});

describe('the gateway’s metrics', () => {
  it('show the backlog as it is at the scrape, and none while nobody knows it', async () => {
    let known = true;
    const metrics = openGatewayMetrics({ backlog: async () => { if (!known) throw new Error('Redis is away'); return backlog; }, webhooks });
    expect((await metrics.scrape()).body).toMatch(/^slipstream_backlog_device_seconds 4\.5$/m);
    expect((await metrics.scrape()).body).toMatch(/^slipstream_backlog_steps\{kind="shortcut"\} 78$/m);
    known = false;
    const { body } = await metrics.scrape();
    expect(body).not.toMatch(/^slipstream_backlog_(device_seconds|jobs|steps)[ {]/m);
  });
});

describe('what webhooks were not told', () => {
  it('is shown by state with the age of the oldest event, and not at all while nobody knows it', async () => {
    let known = true;
    const metrics = openGatewayMetrics({ backlog: async () => backlog, webhooks: async () => { if (!known) throw new Error('Redis is away'); return webhooks(); } });
    const { body } = await metrics.scrape();
    expect(['outbox', 'waiting', 'active', 'delayed'].map((state) => new RegExp(`^slipstream_webhook_deliveries\\{state="${state}"\\} (\\d+)$`, 'm').exec(body)?.[1])).toEqual(['2', '3', '4', '5']);
    expect(body).toMatch(/^slipstream_webhook_outbox_oldest_seconds 1\.5$/m);
    known = false;
    expect((await metrics.scrape()).body).not.toMatch(/^slipstream_webhook_(deliveries|outbox_oldest_seconds)[ {]/m);
  });
});

describe('the worker’s metrics', () => {
  it('show the engine as it is at the scrape', async () => {
    let engine: EngineReading | undefined;
    const metrics = openWorkerMetrics({ engine: () => engine });
    expect((await metrics.scrape()).body).toMatch(/^slipstream_engine_capacity_rows 0$/m);
    engine = { capacity: 16, rowsInUse: 5, waiting: 2, outsideOnnxShare: 0.02, rowSeconds: { full: 0.4, anchored: 0.03, tail: 0 }, anchors: { hits: 3, misses: 2, sizeBytes: 92160 } };
    metrics.batchRows.observe({ kind: 'shortcut' }, 5);
    const { body, contentType } = await metrics.scrape();
    expect(contentType).toMatch(/^text\/plain/);
    expect(body).toMatch(/^slipstream_engine_rows_in_use 5$/m);
    expect(body).toMatch(/^slipstream_step_cost_seconds\{kind="full"\} 0\.4$/m);
    expect(body).toMatch(/^slipstream_step_cost_seconds\{kind="anchored"\} 0\.03$/m);
    expect(body).not.toMatch(/kind="tail"/);
    expect(body).toMatch(/^slipstream_batch_rows_bucket\{le="8",kind="shortcut"\} 1$/m);
  });

  it('count the lookups of anchors in memory between scrapes, and say what each tier is', async () => {
    let anchors = { hits: 3, misses: 2, sizeBytes: 92_160 };
    let state: 'used' | 'dearer' = 'used';
    const metrics = openWorkerMetrics({ engine: () => ({ capacity: 1, rowsInUse: 0, waiting: 0, outsideOnnxShare: 0, rowSeconds: {}, anchors }), tiers: () => [{ tier: 'redis', state }] });
    expect((await metrics.scrape()).body).toMatch(/^slipstream_anchor_tier_info\{tier="redis",state="used"\} 1$/m);
    [anchors, state] = [{ hits: 5, misses: 2, sizeBytes: 46_080 }, 'dearer'];
    const { body } = await metrics.scrape();
    expect(body).toMatch(/^slipstream_anchor_lookups_total\{tier="memory",result="hit"\} 5$/m);
    expect(body).toMatch(/^slipstream_anchor_memory_bytes 46080$/m);
    expect(body).toMatch(/^slipstream_anchor_tier_info\{tier="redis",state="used"\} 0$/m);
    expect(body).toMatch(/^slipstream_anchor_tier_info\{tier="redis",state="dearer"\} 1$/m);
  });
});
