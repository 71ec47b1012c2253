import type { WorkerMetrics } from '@slipstream/metrics';
import type { GenerationConsumer } from '@slipstream/queue';
import type { Engine } from '@slipstream/runtime';

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
    const { fullSeconds, shortcutSeconds } = engine.stats();
    if (fullSeconds > 0) consumer.reportCosts({ fullSeconds, shortcutSeconds }).catch(() => {}); // told again at the next tick
  }, costIntervalMs).unref();
  return () => (deaf(), clearInterval(timer));
}
