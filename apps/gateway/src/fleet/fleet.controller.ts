import { Controller, Get, Inject, Query } from '@nestjs/common';
import { SlipstreamError, type FleetObject } from '@slipstream/contracts';
import { FleetBoard, GenerationQueue, QualityBoard, type FleetSpan } from '@slipstream/queue';
import { fleetObject } from './fleet-object.js';

/** How the workers are; the same for every tenant. */
@Controller('v1/fleet')
export class FleetController {
  constructor(
    @Inject(FleetBoard) private readonly fleet: FleetBoard,
    @Inject(GenerationQueue) private readonly queue: GenerationQueue,
    @Inject(QualityBoard) private readonly quality: QualityBoard,
  ) {}

  @Get()
  async read(@Query('span') asked: unknown): Promise<FleetObject> {
    const span = spanIn(asked);
    const [reading, backlog] = await Promise.all([this.fleet.read(span), this.queue.backlog()]);
    return fleetObject(reading, { span, backlog, fallbacks: this.quality.fallbacks.size, nowMs: Date.now() });
  }
}

function spanIn(span: unknown): FleetSpan {
  if (span === undefined || span === 'hour') return 'hour';
  if (span === 'week') return span;
  throw new SlipstreamError('invalid_request', 'span must be hour or week', { param: 'span' });
}
