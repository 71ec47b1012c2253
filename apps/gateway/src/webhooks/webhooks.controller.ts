import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { WebhookDeleted, WebhookList, WebhookObject, WebhookWithSecret } from '@slipstream/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { tenantOf } from '../admission/caller.js';
import { webhookObject, webhookWithSecret } from './webhook-object.js';
import { Webhooks } from './webhooks.js';

/** Where a tenant says at which addresses it wants to be told of what. */
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(@Inject(Webhooks) private readonly webhooks: Webhooks) {}

  @Post()
  async create(@Body() body: unknown, @Req() asked: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<WebhookWithSecret> {
    const webhook = await this.webhooks.create(tenantOf(asked), body);
    void reply.header('location', `/v1/webhooks/${webhook.id}`);
    return webhookWithSecret(webhook);
  }

  @Get()
  async list(@Req() asked: FastifyRequest): Promise<WebhookList> {
    return { object: 'list', data: (await this.webhooks.list(tenantOf(asked))).map(webhookObject) };
  }

  @Get(':id')
  async read(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<WebhookObject> {
    return webhookObject(await this.webhooks.find(tenantOf(asked), id));
  }

  @Patch(':id')
  async change(@Param('id') id: string, @Body() body: unknown, @Req() asked: FastifyRequest): Promise<WebhookObject> {
    return webhookObject(await this.webhooks.change(tenantOf(asked), id, body));
  }

  @Post(':id/rotate')
  @HttpCode(200)
  async rotate(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<WebhookWithSecret> {
    return webhookWithSecret(await this.webhooks.rotate(tenantOf(asked), id));
  }

  @Delete(':id')
  async remove(@Param('id') id: string, @Req() asked: FastifyRequest): Promise<WebhookDeleted> {
    await this.webhooks.remove(tenantOf(asked), id);
    return { id, object: 'webhook', deleted: true };
  }
}
