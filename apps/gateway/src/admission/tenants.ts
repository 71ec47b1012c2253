import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { defaultTenant, type Tenant } from '@slipstream/contracts';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import type { Caller } from './caller.js';

/**
 * Tells who asks. Each API key is a tenant of its own, named by its hash, and whoever sends none is the default tenant.
 * Keys are not checked yet, so limits of a tenant hold honest clients apart; what protects the fleet is the bound on the
 * whole backlog.
 */
@Injectable()
export class Tenants {
  constructor(@Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'TENANT_REQUESTS_PER_MINUTE' | 'TENANT_PICTURES'>) {}

  tenantOf({ apiKey }: Pick<Caller, 'apiKey'>): Tenant {
    const { TENANT_REQUESTS_PER_MINUTE: requestsPerMinute, TENANT_PICTURES: pictures } = this.config;
    return { id: apiKey === undefined ? defaultTenant : tenantOfKey(apiKey), limits: { requestsPerMinute, pictures } };
  }
}

const tenantOfKey = (apiKey: string): string => `key-${createHash('sha256').update(apiKey).digest('hex').slice(0, 32)}`;
