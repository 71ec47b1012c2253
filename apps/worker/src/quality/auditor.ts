import { safestLevel, saferSampling, type Sampling, type StrategyName } from '@slipstream/contracts';
import type { WorkerMetrics } from '@slipstream/metrics';
import type { QualityBoard } from '@slipstream/queue';
import type { Logger } from '@slipstream/server-kit';
import { askedOf, audit, type AuditParts, type AuditSubject, type Finding } from './audit.js';
import type { Spare } from './spare-time.js';
import { judge, nextLevel, type Bounds } from './verdict.js';

export interface AuditorParts extends Omit<AuditParts, 'signal'> {
  readonly model: string;
  readonly board: Pick<QualityBoard, 'add' | 'change'>;
  readonly metrics: Pick<WorkerMetrics, 'audits' | 'auditSeconds' | 'auditAgreement' | 'auditScoreDifference' | 'auditSpeedup' | 'fallbackChanges'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Without bounds audits measure and nothing follows from them. */
  readonly bounds: Bounds;
  /** Told what the setting asked for came to; `alone`: its seconds are its own. */
  readonly onFinding?: ((strategy: StrategyName, finding: Finding, told: { alone: boolean }) => void) | undefined;
  /** False keeps every setting as it was asked for. */
  readonly fallsBack: boolean;
}

/** Audits pictures, shows what came of it, and lets settings fall back and recover for the whole fleet. */
export class Auditor {
  constructor(private readonly parts: AuditorParts) {}

  /** One audit in spare time. Rejects only when that ends: then nothing of it has been counted. */
  async run(subject: AuditSubject, { signal, alone }: Spare): Promise<void> {
    const asked = askedOf(subject.settings);
    const labels = { model: this.parts.model, strategy: asked.strategy };
    try {
      const findings = await audit(subject, { ...this.parts, signal });
      const told = { alone: alone() };
      this.show(findings[0]!, { labels, ...told });
      this.parts.onFinding?.(asked.strategy, findings[0]!, told);
      for (const finding of findings) await this.learn(asked, finding);
      this.parts.metrics.audits.inc({ ...labels, outcome: 'done' });
    } catch (error) {
      if (signal.aborted) throw error;
      this.parts.metrics.audits.inc({ ...labels, outcome: 'failed' });
      this.parts.logger.warn({ err: error, ...labels }, 'an audit failed');
    }
  }

  /** An audit that there was no time for. */
  dropped({ settings }: AuditSubject): void {
    this.parts.metrics.audits.inc({ model: this.parts.model, strategy: askedOf(settings).strategy, outcome: 'dropped' });
  }

  private show({ agreement, scoreDifferences, seconds }: Finding, { labels, alone }: { labels: { model: string; strategy: string }; alone: boolean }): void {
    const { metrics } = this.parts;
    metrics.auditAgreement.observe(labels, agreement);
    for (const { scorer, points } of scoreDifferences) metrics.auditScoreDifference.observe({ ...labels, scorer }, points);
    if (!alone) return; // beside users' rows a wall clock says nothing about this picture
    metrics.auditSpeedup.observe(labels, seconds.full / seconds.accelerated);
    for (const made of ['accelerated', 'full'] as const) metrics.auditSeconds.inc({ ...labels, made }, seconds[made]);
  }

  private async learn(asked: Sampling, { level, agreement, scoreDifferences: [first] }: Finding): Promise<void> {
    const { board, bounds, fallsBack } = this.parts;
    const found = { agreement, ...(first && { scoreDifference: first.points }) };
    const { window, fallback } = await board.add(asked, level, { audit: found, keep: bounds.window });
    if (!fallsBack) return;
    const verdict = judge(window, bounds);
    if (verdict.kind === 'unclear') return;
    const now = fallback?.level ?? 0;
    const next = nextLevel({ now, level, verdict: verdict.kind, safest: safestLevel(asked) });
    if (next === now) return;
    const to = next === 0 ? undefined : { strategy: asked.strategy, level: next, reason: verdict.reason };
    if (await board.change(asked, { from: fallback, to })) this.tell(asked, { next, reason: verdict.reason });
  }

  private tell(asked: Sampling, { next, reason }: { next: number; reason: string }): void {
    const { model, metrics, logger, engine } = this.parts;
    const made = saferSampling(asked, next, engine.manifest.sampling);
    const line = { model, asked, made, level: next, reason };
    metrics.fallbackChanges.inc({ model, strategy: asked.strategy, to: next === 0 ? 'asked' : 'safer' });
    if (next === 0) logger.info(line, `quality recovered: ${inWords(asked)} is made again: ${reason}`);
    else logger.warn(line, `quality fallback: ${inWords(made)} is made in place of ${inWords(asked)}: ${reason}`);
  }
}

const inWords = ({ strategy, budget, steps }: Sampling): string => (budget < steps ? `${strategy} with ${budget} of ${steps} steps full` : `${strategy} with ${steps} steps`);
