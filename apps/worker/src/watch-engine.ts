import type { WorkerMetrics } from '@slipstream/metrics';
import type { GenerationConsumer, StepCosts } from '@slipstream/queue';
import type { Engine, EngineStats } from '@slipstream/runtime';

const costIntervalMs = 5_000;

/** Shows the engine's runs as metrics and tells the fleet what a step costs here. The result ends it. */
export function watchEngine(engine: Engine, { metrics, consumer }: { metrics: WorkerMetrics; consumer: GenerationConsumer }): () => void {
  metrics.bundle.set({ bundle: engine.manifest.name, digest: engine.digest }, 1);
  const deaf = engine.on(({ kind, rows, seconds }) => {
    if (kind !== 'decode') metrics.steps.inc({ kind }, rows);
    metrics.stepDuration.observe({ kind }, seconds);
    metrics.batchRows.observe({ kind }, rows);
  });
  const timer = setInterval(() => {
    const costs = stepCosts(engine.stats());
    if (costs.fullSeconds > 0) consumer.reportCosts(costs).catch(() => {}); // told again at the next tick
  }, costIntervalMs).unref();
  return () => (deaf(), clearInterval(timer));
}

/**
 * What the backlog is counted in. A predicted step is the dearest of those that this engine has run; a bundle whose
 * strategies all recompute in part has no full runs, and its steps are counted as partial ones.
 */
export function stepCosts({ rowSeconds: { full, shortcut, anchored, tail, partial } }: Pick<EngineStats, 'rowSeconds'>): StepCosts {
  return { fullSeconds: full || partial, shortcutSeconds: Math.max(shortcut, anchored, tail) };
}
