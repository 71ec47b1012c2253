import { Module, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { KeyStore } from '@slipstream/queue';
import { openServer, type Logger } from '@slipstream/server-kit';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import { AuditController } from './audit.controller.js';
import { AuditTrail } from './audit-trail.js';
import { guardAdmin, type Credential } from './credentials.js';
import { Keys } from './keys.js';
import { KeysController } from './keys.controller.js';
import { Tenants } from './tenants.js';
import { TenantsController } from './tenants.controller.js';

export interface AdminParts {
  readonly config: GatewayConfig;
  readonly store: KeyStore;
  readonly credentials: readonly Credential[];
  readonly logger: Logger;
}

@Module({})
class AdminModule {
  static of({ config, store }: Pick<AdminParts, 'config' | 'store'>): DynamicModule {
    return {
      module: AdminModule,
      controllers: [KeysController, TenantsController, AuditController],
      providers: [{ provide: KeyStore, useValue: store }, { provide: GATEWAY_CONFIG, useValue: config }, Keys, Tenants, AuditTrail],
    };
  }
}

/** The admin door: a server of its own on ADMIN_HOST:ADMIN_PORT, listening, which knows keys and tenants and no generation. */
export async function openAdmin({ config, store, credentials, logger }: AdminParts): Promise<NestFastifyApplication> {
  const app = await openServer(AdminModule.of({ config, store }), { logger });
  guardAdmin(app.getHttpAdapter().getInstance(), { credentials, onRefusal: (from) => logger.warn({ from }, 'the admin door refused a credential') });
  await app.listen(config.ADMIN_PORT, config.ADMIN_HOST);
  logger.info({ url: await app.getUrl() }, 'the admin door listens');
  return app;
}
