import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../admission/caller.js';
import { Tenants } from '../admission/tenants.js';
import { webhookObject, webhookWithSecret, type WebhookObject } from './webhook-object.js';
import { Webhooks } from './webhooks.js';

type Reply = FastifyReply;
type Asked = FastifyRequest;

/** Where a tenant says at which addresses it wants to be told of what. */
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(
    @Inject(Webhooks) private readonly webhooks: Webhooks,
    @Inject(Tenants) private readonly tenants: Tenants,
  ) {}

  @Post()
  async create(@Body() body: unknown, @Req() asked: Asked, @Res({ passthrough: true }) reply: Reply): Promise<WebhookObject & { secret: string }> {
    const webhook = await this.webhooks.create(this.#tenant(asked, reply), body);
    void reply.header('location', `/v1/webhooks/${webhook.id}`);
    return webhookWithSecret(webhook);
  }

  @Get()
  async list(@Req() asked: Asked, @Res({ passthrough: true }) reply: Reply): Promise<{ object: 'list'; data: WebhookObject[] }> {
    return { object: 'list', data: (await this.webhooks.list(this.#tenant(asked, reply))).map(webhookObject) };
  }

  @Get(':id')
  async read(@Param('id') id: string, @Req() asked: Asked, @Res({ passthrough: true }) reply: Reply): Promise<WebhookObject> {
    return webhookObject(await this.webhooks.find(this.#tenant(asked, reply), id));
  }

  @Patch(':id')
  async change(@Param('id') id: string, @Body() body: unknown, @Req() asked: Asked, @Res({ passthrough: true }) reply: Reply): Promise<WebhookObject> {
    return webhookObject(await this.webhooks.change(this.#tenant(asked, reply), id, body));
  }

  @Post(':id/rotate')
  @HttpCode(200)
  async rotate(@Param('id') id: string, @Req() asked: Asked, @Res({ passthrough: true }) reply: Reply): Promise<WebhookObject & { secret: string }> {
    return webhookWithSecret(await this.webhooks.rotate(this.#tenant(asked, reply), id));
  }

  @Delete(':id')
  async remove(@Param('id') id: string, @Req() asked: Asked, @Res({ passthrough: true }) reply: Reply): Promise<{ id: string; object: 'webhook'; deleted: true }> {
    await this.webhooks.remove(this.#tenant(asked, reply), id);
    return { id, object: 'webhook', deleted: true };
  }

  #tenant(asked: Asked, reply: Reply): string {
    return this.tenants.tenantOf(callerOf(asked, reply)).id;
  }
}
