import { defaultTenant, scopes } from '@slipstream/contracts';
import { KeyStore } from '@slipstream/queue';
import type { Logger } from '@slipstream/server-kit';
import { openAdmin } from '../admin/open-admin.js';
import type { Credential } from '../admin/credentials.js';
import type { GatewayConfig } from '../configuration.js';
import { letEverybodyIn, letKeyholdersIn, type Doorkeeper } from './doorkeeper.js';
import { KeyRing } from './key-ring.js';
import { LastUsed } from './last-used.js';
import { listeningHost } from './listening-host.js';
import { serverLimits } from './tenant-limits.js';

/** A doorkeeper with what is behind it. */
export interface OpenedDoorkeeper extends Doorkeeper {
  /** Rejects while keys cannot be looked up. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** With ADMIN_KEYS it asks for keys, and an admin door is opened beside; without, everybody is the default tenant. */
export async function openDoorkeeper(config: GatewayConfig, logger: Logger): Promise<OpenedDoorkeeper> {
  const { ADMIN_KEYS: credentials } = config;
  if (credentials) return openKeyRing({ config, credentials, logger });
  logger.warn({ host: listeningHost(config) }, 'ADMIN_KEYS is not set, so nobody is asked for an API key and only this machine is listened to');
  const everybody = { tenant: { id: defaultTenant, limits: serverLimits(config) }, scopes, bucket: defaultTenant };
  return { ...letEverybodyIn(everybody), check: async () => {}, close: async () => {} };
}

async function openKeyRing({ config, credentials, logger }: { config: GatewayConfig; credentials: readonly Credential[]; logger: Logger }): Promise<OpenedDoorkeeper> {
  const store = new KeyStore({
    redisUrl: config.REDIS_URL,
    prefix: config.QUEUE_PREFIX,
    onChange: () => ring.forget(),
    onEvent: (audit) => logger.info({ audit }, audit.action), // the log in Redis has an end, one that logs are shipped to has not
  });
  const used = new LastUsed(store);
  const ring = new KeyRing({ store, limits: serverLimits(config), onUse: (id) => used.saw(id) });
  const admin = await openAdmin({ config, store, credentials, logger });
  return {
    ...letKeyholdersIn(ring),
    check: () => store.check(),
    async close() {
      await admin.close();
      await used.close();
      store.close();
    },
  };
}
