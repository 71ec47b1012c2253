import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GenerationObject, ImagesAnswer } from '@slipstream/contracts';
import { callerOf } from '../admission/caller.js';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import { locationOf } from '../generations/generation-view.js';
import { Generations } from '../generations/generations.js';
import { Images } from './images.js';
import { Patience } from './patience.js';
import { patienceSeconds } from './prefer.js';

/** The door that OpenAI's clients know: waits for the pictures up to SYNC_LIMIT_SECONDS. */
@Controller('v1/images')
export class ImagesController {
  constructor(
    @Inject(Generations) private readonly generations: Generations,
    @Inject(Images) private readonly images: Images,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'SYNC_LIMIT_SECONDS'>,
  ) {}

  @Post('generations')
  @HttpCode(200)
  async create(@Body() body: unknown, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<ImagesAnswer | GenerationObject> {
    const caller = callerOf(request, reply);
    const accepted = await this.generations.accept(body, { caller, mode: 'sync' });
    const limitSeconds = patienceSeconds(request.headers.prefer, this.config.SYNC_LIMIT_SECONDS);
    const outcome = await this.images.outcome(accepted, Patience.with(reply.raw, { limitSeconds, mayReturn: caller.idempotencyKey !== undefined }));
    if ('pictures' in outcome) return outcome.pictures;
    void reply.code(202).header('location', locationOf(accepted.record.id, accepted.request.response_format));
    return outcome.job;
  }
}
