import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { defaultTenant, parseTenantRequest, SlipstreamError, tenantId, type AuditAction, type TenantRecord } from '@slipstream/contracts';
import { KeyStore } from '@slipstream/queue';
import { GATEWAY_CONFIG } from '../configuration.js';
import { limitsOf, serverLimits, type LimitKeys } from '../keys/tenant-limits.js';
import { eventOf } from './audit-trail.js';

type Asked = Pick<FastifyRequest, 'actor' | 'ip' | 'id'>;

/** Makes and shows tenants, sets their limits, suspends and resumes them. */
@Injectable()
export class Tenants {
  constructor(
    @Inject(KeyStore) private readonly store: Pick<KeyStore, 'tenant' | 'tenants' | 'changeTenant'>,
    @Inject(GATEWAY_CONFIG) private readonly config: LimitKeys,
  ) {}

  /** What is left out goes back to the server's default. @throws SlipstreamError `invalid_request` */
  async set(id: string, { body, asked }: { body: unknown; asked: Asked }) {
    const fault = tenantId.safeParse(id).error?.issues[0]?.message;
    if (fault !== undefined) throw new SlipstreamError('invalid_request', `id ${fault}`, { param: 'id' });
    const request = parseTenantRequest(body);
    const { name, requests_per_minute: requestsPerMinute, pictures, files, file_bytes: fileBytes, open_batches: openBatches, open_datasets: openDatasets } = request;
    const next = (present: TenantRecord | undefined): TenantRecord => ({ ...(present ?? { createdAtMs: Date.now() }), id, name, requestsPerMinute, pictures, files, fileBytes, openBatches, openDatasets });
    return this.#show(await this.store.changeTenant(id, { next, event: eventOf(asked, { action: 'tenant.set', subject: id, tenant: id, details: request }) }));
  }

  /** None of its keys lets anybody in any more; what was accepted goes on. Idempotent: the first time stays. @throws SlipstreamError `tenant_not_found` */
  async suspend(id: string, asked: Asked) {
    return this.#change(id, { action: 'tenant.suspend', asked, next: (tenant) => ({ suspendedAtMs: Date.now(), ...tenant }) });
  }

  /** Idempotent. @throws SlipstreamError `tenant_not_found` */
  async resume(id: string, asked: Asked) {
    return this.#change(id, { action: 'tenant.resume', asked, next: ({ suspendedAtMs: _, ...tenant }) => tenant });
  }

  async list() {
    return { object: 'list' as const, data: (await this.store.tenants()).map((tenant) => this.#show(tenant)) };
  }

  /** @throws SlipstreamError `tenant_not_found` */
  async read(id: string) {
    return this.#show(known(id, await this.store.tenant(id)));
  }

  async #change(id: string, { action, asked, next }: { action: AuditAction; asked: Asked; next: (tenant: TenantRecord) => TenantRecord }) {
    const event = eventOf(asked, { action, subject: id, tenant: id, details: {} });
    return this.#show(await this.store.changeTenant(id, { next: (present) => next(known(id, present)), event }));
  }

  /** The limits that hold, its own or the server's. */
  #show(tenant: TenantRecord) {
    const { id, name, createdAtMs, suspendedAtMs } = tenant;
    const limits = limitsOf(tenant, serverLimits(this.config));
    return {
      id,
      object: 'tenant' as const,
      status: suspendedAtMs === undefined ? ('active' as const) : ('suspended' as const),
      name: name ?? null,
      requests_per_minute: limits.requestsPerMinute,
      pictures: limits.pictures,
      files: limits.files,
      file_bytes: limits.fileBytes,
      open_batches: limits.openBatches,
      open_datasets: limits.openDatasets,
      created_at: Math.floor(createdAtMs / 1000),
      suspended_at: suspendedAtMs === undefined ? null : Math.floor(suspendedAtMs / 1000),
    };
  }
}

/** The default tenant is there before anything is set for it. */
function known(id: string, tenant: TenantRecord | undefined): TenantRecord {
  if (tenant) return tenant;
  if (id === defaultTenant) return { id, createdAtMs: Date.now() };
  throw new SlipstreamError('tenant_not_found', `no tenant has the id ${JSON.stringify(id.slice(0, 64))}`, { param: 'id', remedy: 'PUT makes it' });
}
