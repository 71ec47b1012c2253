import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Health } from './health.js';

/** `/livez`, `/readyz` and `/metrics` of both servers; a module that lists it provides `Health`. */
@Controller()
export class HealthController {
  constructor(@Inject(Health) private readonly health: Health) {}

  @Get('livez')
  @Header('cache-control', 'no-store')
  livez(): { status: string } {
    this.health.live();
    return { status: 'live' };
  }

  @Get('readyz')
  @Header('cache-control', 'no-store')
  async readyz(): Promise<{ status: string }> {
    await this.health.ready();
    return { status: 'ready' };
  }

  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    const { contentType, body } = await this.health.scrape();
    await reply.header('content-type', contentType).send(body);
  }
}
