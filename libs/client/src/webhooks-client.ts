import type { DeliveryList, DeliveryObject, WebhookChange, WebhookDeleted, WebhookList, WebhookObject, WebhookRequestInput, WebhookWithSecret } from '@slipstream/contracts';
import type { Connection } from './connection.js';
import { membersOf, queryOf, type PageQuery } from './pages.js';
import type { RequestOptions } from './slipstream-client.js';

/** Addresses that are told when something ends, by Standard Webhooks. Throws as `SlipstreamClient` does. */
export class WebhooksClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The only answer with its secret, but for that of `rotate`. Not tried again where no answer came: `list` tells whether it was made. */
  async create(request: WebhookRequestInput, { signal }: RequestOptions = {}): Promise<WebhookWithSecret> {
    return (await this.#connection.ask<WebhookWithSecret>('/v1/webhooks', { method: 'POST', json: request, signal, once: true })).body;
  }

  /** All of them, the oldest first. */
  async list({ signal }: RequestOptions = {}): Promise<WebhookObject[]> {
    return (await this.#connection.ask<WebhookList>('/v1/webhooks', { signal })).body.data;
  }

  async get(id: string, { signal }: RequestOptions = {}): Promise<WebhookObject> {
    return (await this.#connection.ask<WebhookObject>(pathOf(id), { signal })).body;
  }

  /** What is left out stays; `status: 'enabled'` enables it again. */
  async update(id: string, change: WebhookChange, { signal }: RequestOptions = {}): Promise<WebhookObject> {
    return (await this.#connection.ask<WebhookObject>(pathOf(id), { method: 'PATCH', json: change, signal })).body;
  }

  async delete(id: string, { signal }: RequestOptions = {}): Promise<WebhookDeleted> {
    return (await this.#connection.ask<WebhookDeleted>(pathOf(id), { method: 'DELETE', signal })).body;
  }

  /** A new secret; the one before signs beside it for a day. Not tried again where no answer came: that would take away the one before. */
  async rotate(id: string, { signal }: RequestOptions = {}): Promise<WebhookWithSecret> {
    return (await this.#connection.ask<WebhookWithSecret>(`${pathOf(id)}/rotate`, { method: 'POST', signal, once: true })).body;
  }

  /** A page of what became of each event, the latest first. */
  async deliveries(id: string, query: PageQuery = {}, { signal }: RequestOptions = {}): Promise<DeliveryList> {
    return (await this.#connection.ask<DeliveryList>(`${pathOf(id)}/deliveries${queryOf(query)}`, { signal })).body;
  }

  allDeliveries(id: string, query: PageQuery = {}, options: RequestOptions = {}): AsyncGenerator<DeliveryObject> {
    return membersOf(query, (page) => this.deliveries(id, page, options));
  }

  async delivery(id: string, delivery: string, { signal }: RequestOptions = {}): Promise<DeliveryObject> {
    return (await this.#connection.ask<DeliveryObject>(deliveryPath(id, delivery), { signal })).body;
  }

  /** Sends it again now, under the same `webhook-id`. */
  async redeliver(id: string, delivery: string, { signal }: RequestOptions = {}): Promise<DeliveryObject> {
    return (await this.#connection.ask<DeliveryObject>(`${deliveryPath(id, delivery)}/redeliver`, { method: 'POST', signal })).body;
  }
}

const pathOf = (id: string): string => `/v1/webhooks/${encodeURIComponent(id)}`;
const deliveryPath = (id: string, delivery: string): string => `${pathOf(id)}/deliveries/${encodeURIComponent(delivery)}`;
