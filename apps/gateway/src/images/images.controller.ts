import { Body, Controller, HttpCode, Inject, Post, Req, Res, type StreamableFile } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GenerationObject, ImagesAnswer } from '@slipstream/contracts';
import { callerOf } from '../admission/caller.js';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import { eventStream } from '../events/server-sent.js';
import { locationOf } from '../generations/generation-view.js';
import { Generations, type Accepted } from '../generations/generations.js';
import { ImageStream } from './image-stream.js';
import { Images } from './images.js';
import { Patience } from '../waiting/patience.js';
import { preferenceOf } from '../waiting/prefer.js';

/** A stream is kept alive by what it says, so it waits as long as a generation may: longer than a timer can. */
const longestSeconds = 2_000_000;

/** The door that OpenAI's clients know: waits for the pictures up to SYNC_LIMIT_SECONDS. */
@Controller('v1/images')
export class ImagesController {
  constructor(
    @Inject(Generations) private readonly generations: Generations,
    @Inject(Images) private readonly images: Images,
    @Inject(ImageStream) private readonly stream: ImageStream,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'SYNC_LIMIT_SECONDS'>,
  ) {}

  @Post('generations')
  @HttpCode(200)
  async create(@Body() body: unknown, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<ImagesAnswer | GenerationObject | StreamableFile> {
    const caller = callerOf(request, reply);
    const accepted = await this.generations.accept(body, { caller, mode: 'sync' });
    const { stream } = accepted.request;
    const limitSeconds = stream ? longestSeconds : this.#waitSeconds(request, reply);
    const patience = Patience.with(reply.raw, { limitSeconds, mayReturn: caller.idempotencyKey !== undefined });
    if (stream) return eventStream(this.stream.of(accepted, { patience, request: { path: request.url, requestId: request.id } }), reply);
    return this.#once(accepted, patience, reply);
  }

  #waitSeconds(request: FastifyRequest, reply: FastifyReply): number {
    const { SYNC_LIMIT_SECONDS: limitSeconds } = this.config;
    return preferenceOf(request, reply, { unasked: limitSeconds, limitSeconds }).waitSeconds;
  }

  async #once(accepted: Accepted, patience: Patience, reply: FastifyReply): Promise<ImagesAnswer | GenerationObject> {
    const outcome = await this.images.outcome(accepted, patience);
    if ('pictures' in outcome) return outcome.pictures;
    void reply.code(202).header('location', locationOf(accepted.record.id, accepted.request.response_format));
    return outcome.job;
  }
}
