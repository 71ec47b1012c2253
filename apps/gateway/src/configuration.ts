import { countKey, numberKey, portKey, secondsKey, serverConfig } from '@slipstream/server-kit';
import { z } from 'zod';
import { credentialsKey } from './admin/credentials.js';

/** The gateway's environment; defaults and meaning of the shared keys are server-kit's. */
export const gatewayConfig = serverConfig.extend({
  PORT: portKey(8080),
  /** Who may administer keys and tenants. With it the API asks for keys; without, the gateway listens on loopback alone. */
  ADMIN_KEYS: credentialsKey.optional(),
  ADMIN_HOST: z.string().min(1, 'must name an address to listen on').default('127.0.0.1'),
  ADMIN_PORT: portKey(8082),
  /** How long `POST /v1/images/generations` waits for its pictures before it answers 202. */
  SYNC_LIMIT_SECONDS: secondsKey(50),
  /** Life of a picture's URL. */
  URL_TTL_SECONDS: secondsKey(3_600, 1),
  /** A tenant's requests that are accepted in the long run; as many may come at once. */
  TENANT_REQUESTS_PER_MINUTE: countKey(60_000, 1_000_000_000),
  /** Pictures that a tenant may have waiting and in the making. */
  TENANT_PICTURES: numberKey(50_000, { min: 10, max: 1_000_000_000 }),
  /** Files that a tenant may keep, and their bytes together. */
  TENANT_FILES: countKey(10_000, 1_000_000_000),
  TENANT_FILE_BYTES: countKey(107_374_182_400, Number.MAX_SAFE_INTEGER),
  /** Batches and data sets of a tenant that have not ended. */
  TENANT_OPEN_BATCHES: countKey(100, 1_000_000_000),
  TENANT_OPEN_DATASETS: countKey(20, 1_000_000_000),
  /** Seconds of one device that all work, waiting and in the making, may take before more is refused. */
  BACKLOG_DEVICE_SECONDS: secondsKey(86_400, 1),
  /** How long a webhook's receiver may take to answer. */
  WEBHOOK_TIMEOUT_SECONDS: secondsKey(15, 0.1),
  /** Host names and addresses, comma-separated, that webhooks may call although they are on no public network, and without TLS. */
  WEBHOOK_PRIVATE_HOSTS: z.string().default('').transform((text) => text.split(',').map((host) => host.trim()).filter((host) => host !== '')),
  /** How long a batch may take: what its clients call 24h. */
  BATCH_WINDOW_SECONDS: secondsKey(86_400, 1),
  /** Largest file that may be uploaded. */
  FILE_LIMIT_BYTES: countKey(209_715_200, 5_368_709_120),
  /** How long files and batches are kept. */
  FILE_TTL_SECONDS: secondsKey(2_592_000, 1),
  BODY_LIMIT_BYTES: countKey(1_048_576, 268_435_456),
  /** Base of the URLs that this gateway hands out; by default its own address. */
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be an address such as https://pictures.example.org' }).optional(),
  /** Signs the URLs of folder storage; gateways behind one address share it. */
  SIGNING_KEY: z.string().min(16, 'must have at least 16 characters').optional(),
});

export type GatewayConfig = z.infer<typeof gatewayConfig>;

/** Injection token of the parsed `GatewayConfig`. */
export const GATEWAY_CONFIG = Symbol('GatewayConfig');
