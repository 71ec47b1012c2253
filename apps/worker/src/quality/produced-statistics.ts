import { SlipstreamError } from '@slipstream/contracts';
import { frechetDistanceTo, RunningStatistics, type StatisticsRecord } from '@slipstream/quality';
import type { QualityBoard } from '@slipstream/queue';
import type { LoadedScorer } from '@slipstream/runtime';

/** The distance is over the last one to two times so many pictures of the fleet. */
export const picturesPerPart = 1_000;

/** What lies on the board: the part that grows, and the full one before it. */
interface Parts {
  readonly current: StatisticsRecord;
  readonly previous?: StatisticsRecord | undefined;
}

/** How far the fleet's pictures are from a scorer's reference. */
export interface FleetDistance {
  readonly pictures: number;
  /** Squared Fréchet distance; undefined below as many pictures as channels. */
  readonly distance?: number;
}

export interface ProducedStatisticsParts {
  readonly board: Pick<QualityBoard, 'update'>;
  /** Hears of stored statistics that could not be used; they begin anew. */
  readonly onRefused: (error: SlipstreamError) => void;
}

/**
 * One scorer's statistics of what the fleet made. A worker adds to a part of its own and merges that into the shared one
 * now and then, exactly: the order of workers makes no difference. A worker that dies takes its last part with it.
 */
export class ProducedStatistics {
  readonly #scorer: LoadedScorer;
  readonly #parts: ProducedStatisticsParts;
  readonly #distance: ReturnType<typeof frechetDistanceTo> | undefined;
  #own: RunningStatistics;

  constructor(scorer: LoadedScorer, parts: ProducedStatisticsParts) {
    this.#scorer = scorer;
    this.#parts = parts;
    this.#distance = scorer.reference && frechetDistanceTo(scorer.reference);
    this.#own = new RunningStatistics(scorer.space);
  }

  /** One picture's features. @throws SlipstreamError `bundle_invalid` for numbers that are not finite */
  add(features: Float32Array): void {
    this.#own.add(features);
  }

  /** Shares what was added since the last time; undefined when that is nothing. */
  async share(): Promise<FleetDistance | undefined> {
    if (this.#own.count === 0) return undefined;
    const own = this.#own;
    this.#own = new RunningStatistics(this.#scorer.space);
    const text = await this.#parts.board.update(`statistics:${this.#scorer.space.scorer.slice(0, 16)}`, (present) => JSON.stringify(this.#merged(own, present)));
    return this.#read(JSON.parse(text) as Parts);
  }

  #merged(own: RunningStatistics, present: string | undefined): Parts {
    const { current, previous } = this.#known(present);
    current.merge(own);
    if (current.count < picturesPerPart) return { current: current.toJSON(), previous: previous?.toJSON() };
    return { current: new RunningStatistics(this.#scorer.space).toJSON(), previous: current.toJSON() };
  }

  /** Statistics of another scorer are refused by its digest. */
  #known(present: string | undefined): { current: RunningStatistics; previous?: RunningStatistics | undefined } {
    const empty = () => new RunningStatistics(this.#scorer.space);
    const of = (record: unknown) => {
      const statistics = empty();
      statistics.mergeRecord(record);
      return statistics;
    };
    if (present === undefined) return { current: empty() };
    try {
      const { current, previous } = JSON.parse(present) as Parts;
      return { current: of(current), previous: previous && of(previous) };
    } catch (error) {
      this.#parts.onRefused(SlipstreamError.from(error, 'bundle_invalid'));
      return { current: empty() };
    }
  }

  #read({ current, previous }: Parts): FleetDistance {
    const all = new RunningStatistics(this.#scorer.space);
    for (const part of [current, previous]) if (part) all.mergeRecord(part);
    const known = all.count > this.#scorer.space.channels ? this.#distance?.(all.gaussian()) : undefined;
    return { pictures: all.count, ...(known !== undefined && { distance: known }) };
  }
}
