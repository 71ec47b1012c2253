import { isAccelerated, strategyTable, type BundleManifest, type GenerationJob } from '@slipstream/contracts';
import type { FallbackReading } from '@slipstream/metrics';
import type { QualityBoard } from '@slipstream/queue';
import type { SampleResult } from '@slipstream/runtime';
import { drawn } from '../drawn.js';
import { askedOf } from './audit.js';
import type { Auditor } from './auditor.js';
import type { ScoreKeeper } from './score-keeper.js';
import type { SpareTime } from './spare-time.js';

/** A picture that was made and stored. */
export interface StoredForUser {
  readonly job: GenerationJob;
  /** Of its job's. */
  readonly index: number;
  readonly result: Pick<SampleResult, 'pixels'>;
}

export interface QualityWatchParts {
  readonly spare: Pick<SpareTime, 'offer'>;
  readonly auditor: Pick<Auditor, 'run' | 'dropped'>;
  /** Undefined without a scorer. */
  readonly scores?: Pick<ScoreKeeper, 'keep'> | undefined;
  /** Shares of all pictures, 0 to 1. */
  readonly shares: { readonly audit: number; readonly score: number };
}

/** Draws pictures to be audited or scored, in spare time. What is drawn follows from the picture alone. */
export class QualityWatch {
  constructor(private readonly parts: QualityWatchParts) {}

  hear({ job: { id, settings }, index, result: { pixels } }: StoredForUser): void {
    const { spare, auditor, scores, shares } = this.parts;
    const picture = `${id}/${index}`;
    const subject = { settings, seed: settings.seed + index };
    if (isAccelerated(askedOf(settings)) && drawn(picture, { share: shares.audit, purpose: 'audit' })) {
      if (!spare.offer((time) => auditor.run(subject, time))) auditor.dropped(subject);
    }
    if (scores && drawn(picture, { share: shares.score, purpose: 'score' })) spare.offer(() => scores.keep({ pixels, prompt: settings.prompt }, settings.strategy));
  }
}

/** For each strategy that has something to fall back from, the highest level of its settings. */
export function fallbackLevels({ name, strategies }: Pick<BundleManifest, 'name' | 'strategies'>, { fallbacks }: Pick<QualityBoard, 'fallbacks'>): FallbackReading {
  const levels = strategies
    .filter((strategy) => isAccelerated({ strategy, steps: 2, budget: strategyTable[strategy].budget ? 1 : 2 }))
    .map((strategy) => [strategy, Math.max(0, ...[...fallbacks.values()].filter((each) => each.strategy === strategy).map(({ level }) => level))]);
  return { model: name, levels: Object.fromEntries(levels) };
}
