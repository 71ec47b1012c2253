import { defaultTenant, scopes } from '@slipstream/contracts';
import { KeyStore } from '@slipstream/queue';
import type { Logger } from '@slipstream/server-kit';
import { openAdmin } from '../admin/open-admin.js';
import type { GatewayConfig } from '../configuration.js';
import { lockedDoor, openDoor, type Doorkeeper } from './doorkeeper.js';
import { KeyRing } from './key-ring.js';
import { LastUsed } from './last-used.js';
import { listeningHost } from './listening-host.js';

/** Who keeps the public door, and what has to be closed with it. */
export interface Door {
  readonly doorkeeper: Doorkeeper;
  /** Rejects while keys cannot be looked up. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** With ADMIN_KEYS the door is locked and an admin door opened beside it; without, everybody is the default tenant. */
export async function openDoorOf(config: GatewayConfig, logger: Logger): Promise<Door> {
  const { ADMIN_KEYS: credentials, TENANT_REQUESTS_PER_MINUTE: requestsPerMinute, TENANT_PICTURES: pictures } = config;
  const limits = { requestsPerMinute, pictures };
  if (credentials) return lockedDoorOf({ config, credentials, logger, limits });
  logger.warn({ host: listeningHost(config) }, 'ADMIN_KEYS is not set, so nobody is asked for an API key and only this machine is listened to');
  return { doorkeeper: openDoor({ tenant: { id: defaultTenant, limits }, scopes, bucket: defaultTenant }), check: async () => {}, close: async () => {} };
}

type Parts = Pick<Parameters<typeof openAdmin>[0], 'config' | 'credentials' | 'logger'> & Pick<ConstructorParameters<typeof KeyRing>[0], 'limits'>;

async function lockedDoorOf({ config, credentials, logger, limits }: Parts): Promise<Door> {
  const store = new KeyStore({
    redisUrl: config.REDIS_URL,
    prefix: config.QUEUE_PREFIX,
    onChange: () => ring.forget(),
    onEvent: (audit) => logger.info({ audit }, audit.action), // the log in Redis has an end, one that logs are shipped to has not
  });
  const used = new LastUsed(store);
  const ring = new KeyRing({ store, limits, onUse: (id) => used.saw(id) });
  const admin = await openAdmin({ config, store, credentials, logger });
  return {
    doorkeeper: lockedDoor(ring),
    check: () => store.check(),
    async close() {
      await admin.close();
      await used.close();
      store.close();
    },
  };
}
