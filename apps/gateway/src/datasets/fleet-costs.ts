import { Inject, Injectable } from '@nestjs/common';
import { FleetBoard, type FleetReading } from '@slipstream/queue';

/** What workers told over the last hour, by minutes, and over the last week, by hours. */
export interface FleetWeek {
  readonly hour: FleetReading;
  readonly week: FleetReading;
}

/** Workers tell no oftener. */
const keptMs = 5_000;

/** What the fleet has told of late; asked of Redis at most every five seconds, however many data sets are shown. */
@Injectable()
export class FleetCosts {
  #last: { readonly atMs: number; readonly reading: Promise<FleetWeek> } | undefined;

  constructor(@Inject(FleetBoard) private readonly board: Pick<FleetBoard, 'read'>) {}

  /** @throws SlipstreamError `queue_unavailable` */
  read(nowMs = Date.now()): Promise<FleetWeek> {
    if (this.#last && nowMs - this.#last.atMs < keptMs) return this.#last.reading;
    const reading = this.#read();
    this.#last = { atMs: nowMs, reading };
    reading.catch(() => (this.#last = undefined));
    return reading;
  }

  async #read(): Promise<FleetWeek> {
    const [hour, week] = await Promise.all([this.board.read('hour'), this.board.read('week')]);
    return { hour, week };
  }
}
