import type { StrategyName } from '@slipstream/contracts';
import type { WorkerMetrics } from '@slipstream/metrics';
import type { QualityBoard } from '@slipstream/queue';
import type { Engine, PromptedPicture } from '@slipstream/runtime';
import type { Logger } from '@slipstream/server-kit';
import { ProducedStatistics } from './produced-statistics.js';

export interface ScoreKeeperParts {
  readonly model: string;
  readonly engine: Pick<Engine, 'score' | 'scorers'>;
  readonly board: Pick<QualityBoard, 'update'>;
  readonly metrics: Pick<WorkerMetrics, 'score' | 'frechet' | 'frechetPictures'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Scores of pictures that were handed out, as histograms, and the fleet's distance from each scorer's reference. */
export class ScoreKeeper {
  readonly #parts: ScoreKeeperParts;
  readonly #produced: ReadonlyMap<string, ProducedStatistics>;

  constructor(parts: ScoreKeeperParts) {
    const { engine, board, logger } = parts;
    const onRefused = (error: Error): void => logger.warn({ err: error }, `shared statistics are refused and begin anew: ${error.message}`);
    this.#parts = parts;
    this.#produced = new Map(engine.scorers.map((each) => [each.name, new ProducedStatistics(each, { board, onRefused })]));
  }

  /** Scores one picture. Never rejects. */
  async keep(picture: PromptedPicture, strategy: StrategyName): Promise<void> {
    const { engine, metrics, model, logger } = this.#parts;
    try {
      for (const { scorer: name, value, features } of await engine.score(picture)) {
        this.#produced.get(name)?.add(features);
        metrics.score.observe({ model, strategy, scorer: name }, value);
      }
    } catch (error) {
      logger.warn({ err: error }, 'a picture could not be scored');
    }
  }

  /** Shares the statistics with the fleet and shows the fleet's distances. Never rejects. */
  async share(): Promise<void> {
    const { metrics, model, logger } = this.#parts;
    for (const [scorer, produced] of this.#produced) {
      const fleet = await produced.share().catch((error: unknown) => void logger.warn({ err: error, scorer }, 'statistics could not be shared'));
      if (!fleet) continue;
      metrics.frechetPictures.set({ model, scorer }, fleet.pictures);
      if (fleet.distance !== undefined) metrics.frechet.set({ model, scorer }, fleet.distance);
    }
  }
}
