import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { SlipstreamError, type Delivery, type DeliveryList, type DeliveryObject } from '@slipstream/contracts';
import { WebhookBook } from '@slipstream/queue';
import type { FastifyRequest } from 'fastify';
import { tenantOf } from '../admission/caller.js';
import { listPage, type PageQuery } from '../list-page.js';
import { deliveryObject } from './webhook-object.js';
import { Webhooks } from './webhooks.js';

interface Ids {
  readonly id: string;
  readonly delivery: string;
}

/** What became of each event at a webhook, and the way to have one sent again. */
@Controller('v1/webhooks/:id/deliveries')
export class DeliveriesController {
  constructor(
    @Inject(Webhooks) private readonly webhooks: Webhooks,
    @Inject(WebhookBook) private readonly book: WebhookBook,
  ) {}

  @Get()
  async list(@Param('id') id: string, @Query() query: PageQuery, @Req() asked: FastifyRequest): Promise<DeliveryList> {
    const page = listPage(query);
    const webhook = await this.webhooks.find(tenantOf(asked), id);
    const { deliveries, more } = await this.book.deliveries(webhook, page);
    return { object: 'list', data: deliveries.map(deliveryObject), has_more: more };
  }

  @Get(':delivery')
  async read(@Param() ids: Ids, @Req() asked: FastifyRequest): Promise<DeliveryObject> {
    return deliveryObject(await this.#find(tenantOf(asked), ids));
  }

  @Post(':delivery/redeliver')
  @HttpCode(202)
  async redeliver(@Param() ids: Ids, @Req() asked: FastifyRequest): Promise<DeliveryObject> {
    const again = await this.book.redeliver(await this.#find(tenantOf(asked), ids));
    return deliveryObject(known(ids.delivery, again));
  }

  async #find(tenant: string, { id, delivery }: Ids): Promise<Delivery> {
    return known(delivery, await this.book.delivery(await this.webhooks.find(tenant, id), delivery));
  }
}

function known(id: string, delivery: Delivery | undefined): Delivery {
  if (delivery) return delivery;
  throw new SlipstreamError('delivery_not_found', `this webhook has no delivery ${JSON.stringify(id.slice(0, 64))}`, { param: 'delivery', remedy: 'GET /v1/webhooks/{id}/deliveries lists those that are kept' });
}
