import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { SlipstreamError, type Delivery } from '@slipstream/contracts';
import { WebhookBook } from '@slipstream/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../admission/caller.js';
import { Tenants } from '../admission/tenants.js';
import { listPage, type PageQuery } from '../list-page.js';
import { deliveryObject, type DeliveryObject } from './webhook-object.js';
import { Webhooks } from './webhooks.js';

type Reply = FastifyReply;
type Asked = FastifyRequest;
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
    @Inject(Tenants) private readonly tenants: Tenants,
  ) {}

  @Get()
  async list(@Param('id') id: string, @Query() query: PageQuery, @Req() asked: Asked, @Res({ passthrough: true }) reply: Reply) {
    const page = listPage(query);
    const webhook = await this.webhooks.find(this.#tenant(asked, reply), id);
    const { deliveries, more } = await this.book.deliveries(webhook, page);
    return { object: 'list' as const, data: deliveries.map(deliveryObject), has_more: more };
  }

  @Get(':delivery')
  async read(@Param() ids: Ids, @Req() asked: Asked, @Res({ passthrough: true }) reply: Reply): Promise<DeliveryObject> {
    return deliveryObject(await this.#find(this.#tenant(asked, reply), ids));
  }

  @Post(':delivery/redeliver')
  @HttpCode(202)
  async redeliver(@Param() ids: Ids, @Req() asked: Asked, @Res({ passthrough: true }) reply: Reply): Promise<DeliveryObject> {
    const again = await this.book.redeliver(await this.#find(this.#tenant(asked, reply), ids));
    return deliveryObject(known(ids.delivery, again));
  }

  async #find(tenant: string, { id, delivery }: Ids): Promise<Delivery> {
    return known(delivery, await this.book.delivery(await this.webhooks.find(tenant, id), delivery));
  }

  #tenant(asked: Asked, reply: Reply): string {
    return this.tenants.tenantOf(callerOf(asked, reply)).id;
  }
}

function known(id: string, delivery: Delivery | undefined): Delivery {
  if (delivery) return delivery;
  throw new SlipstreamError('delivery_not_found', `this webhook has no delivery ${JSON.stringify(id.slice(0, 64))}`, { param: 'delivery', remedy: 'GET /v1/webhooks/{id}/deliveries lists those that are kept' });
}
