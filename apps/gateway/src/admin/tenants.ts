import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { parseTenantRequest, SlipstreamError, tenantId, type TenantRecord } from '@slipstream/contracts';
import { KeyStore } from '@slipstream/queue';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import { eventOf } from './audit-trail.js';

/** Makes and shows tenants, and sets their limits. */
@Injectable()
export class Tenants {
  constructor(
    @Inject(KeyStore) private readonly store: Pick<KeyStore, 'tenant' | 'tenants' | 'changeTenant'>,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'TENANT_REQUESTS_PER_MINUTE' | 'TENANT_PICTURES'>,
  ) {}

  /** What is left out goes back to the server's default. @throws SlipstreamError `invalid_request` */
  async set(id: string, { body, asked }: { body: unknown; asked: Pick<FastifyRequest, 'actor' | 'ip' | 'id'> }) {
    const fault = tenantId.safeParse(id).error?.issues[0]?.message;
    if (fault !== undefined) throw new SlipstreamError('invalid_request', `id ${fault}`, { param: 'id' });
    const request = parseTenantRequest(body);
    const { name, requests_per_minute: requestsPerMinute, pictures } = request;
    const next = (present: TenantRecord | undefined): TenantRecord => ({ id, name, requestsPerMinute, pictures, createdAtMs: present?.createdAtMs ?? Date.now() });
    return this.#show(await this.store.changeTenant(id, { next, event: eventOf(asked, { action: 'tenant.set', subject: id, tenant: id, details: request }) }));
  }

  async list() {
    return { object: 'list' as const, data: (await this.store.tenants()).map((tenant) => this.#show(tenant)) };
  }

  /** @throws SlipstreamError `tenant_not_found` */
  async read(id: string) {
    const tenant = await this.store.tenant(id);
    if (tenant) return this.#show(tenant);
    throw new SlipstreamError('tenant_not_found', `no tenant has the id ${JSON.stringify(id.slice(0, 64))}`, { param: 'id', remedy: 'PUT makes it' });
  }

  /** The limits that hold, its own or the server's. */
  #show({ id, name, requestsPerMinute, pictures, createdAtMs }: TenantRecord) {
    const { TENANT_REQUESTS_PER_MINUTE, TENANT_PICTURES } = this.config;
    return {
      id,
      object: 'tenant' as const,
      name: name ?? null,
      requests_per_minute: requestsPerMinute ?? TENANT_REQUESTS_PER_MINUTE,
      pictures: pictures ?? TENANT_PICTURES,
      created_at: Math.floor(createdAtMs / 1000),
    };
  }
}
