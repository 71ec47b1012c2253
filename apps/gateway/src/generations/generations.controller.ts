import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isSettled, type GenerationObject } from '@slipstream/contracts';
import { callerOf, identityOf } from '../admission/caller.js';
import { GenerationView, locationOf } from './generation-view.js';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import { Patience } from '../waiting/patience.js';
import { preferenceOf } from '../waiting/prefer.js';
import { WaitingRoom } from '../waiting/waiting-room.js';
import { Generations } from './generations.js';
import { parseResponseFormat } from './response-format.js';

/** The asynchronous door: accept, follow, cancel. A client that prefers to wait may, up to SYNC_LIMIT_SECONDS. */
@Controller('v1/generations')
export class GenerationsController {
  constructor(
    @Inject(Generations) private readonly generations: Generations,
    @Inject(GenerationView) private readonly view: GenerationView,
    @Inject(WaitingRoom) private readonly room: WaitingRoom,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'SYNC_LIMIT_SECONDS'>,
  ) {}

  @Post()
  @HttpCode(202)
  async create(@Body() body: unknown, @Req() asked: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<GenerationObject> {
    const { request, record } = await this.generations.accept(body, { caller: callerOf(asked, reply), mode: 'async' });
    void reply.header('location', locationOf(record.id, request.response_format));
    const { waitSeconds: limitSeconds } = preferenceOf(asked, reply, { unasked: 0, limitSeconds: this.config.SYNC_LIMIT_SECONDS });
    if (limitSeconds === 0) return this.view.show(record, request.response_format);
    const latest = await this.room.latest(record, Patience.with(reply.raw, { limitSeconds, mayReturn: true }));
    if (isSettled(latest.status)) void reply.code(200);
    return this.view.show(latest, request.response_format);
  }

  @Get(':id')
  async read(@Param('id') id: string, @Query('response_format') format: unknown, @Req() asked: FastifyRequest): Promise<GenerationObject> {
    const wanted = parseResponseFormat(format);
    return this.view.show(await this.generations.find(id, identityOf(asked)), wanted);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<GenerationObject> {
    return this.view.show(await this.generations.cancel(id, identityOf(asked)));
  }
}
