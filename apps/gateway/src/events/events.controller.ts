import { Controller, Get, Inject, Param, Req, Res, type StreamableFile } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { identityOf } from '../admission/caller.js';
import { Generations } from '../generations/generations.js';
import { GenerationEvents } from './generation-events.js';
import { OpenStreams } from './open-streams.js';
import { eventStream } from './server-sent.js';

/** Follows a generation without asking. */
@Controller('v1/generations/:id/events')
export class EventsController {
  constructor(
    @Inject(Generations) private readonly generations: Generations,
    @Inject(GenerationEvents) private readonly events: GenerationEvents,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
  ) {}

  /** 204, on which a browser asks no more, for whoever comes back and has seen everything. */
  @Get()
  async follow(@Param('id') id: string, @Req() asked: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<StreamableFile | undefined> {
    const { id: requestId, url: path, headers } = asked;
    const record = await this.generations.find(id, identityOf(asked));
    const lastEventId = [headers['last-event-id']].flat()[0];
    if (this.events.isOver({ record }, lastEventId)) return void reply.code(204);
    return eventStream(this.events.of({ id, lastEventId, signal: this.streams.signalOf(reply.raw), request: { path, requestId } }), reply);
  }
}
