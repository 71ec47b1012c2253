import { randomBytes } from 'node:crypto';
import { openGatewayMetrics } from '@slipstream/metrics';
import { BatchBook, DatasetBook, FileBook, FleetBoard, GenerationQueue, QualityBoard, StudyBook, WebhookBook } from '@slipstream/queue';
import { Health, openServer, type Logger } from '@slipstream/server-kit';
import { openStore, UrlSigner } from '@slipstream/storage';
import { BatchDriver } from './batches/batch-driver.js';
import type { GatewayConfig } from './configuration.js';
import { serveConsole } from './console.js';
import { OpenStreams } from './events/open-streams.js';
import { acceptForms } from './files/accept-forms.js';
import { FileSweep } from './files/file-sweep.js';
import { GatewayModule } from './gateway.module.js';
import { AcceptanceLog } from './generations/acceptance-log.js';
import { WaitingRoom } from './waiting/waiting-room.js';
import { keepDoor } from './keys/doorkeeper.js';
import { listeningHost } from './keys/listening-host.js';
import { openDoorkeeper } from './keys/open-doorkeeper.js';
import { Catalogue } from './models/catalogue.js';
import { CallGuard } from './webhooks/call-guard.js';
import { openDeliveries } from './webhooks/open-deliveries.js';

/** A gateway that listens, and its way out. */
export interface Gateway {
  readonly health: Health;
  /** Lets waiting clients wait on, and webhooks answer, until the deadline; then answers the clients 202 and leaves the rest to other gateways. */
  drain(deadlineMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens everything and listens on HOST:PORT, without ADMIN_KEYS on loopback alone; Redis may be away and come later. @throws SlipstreamError `bundle_invalid`, `configuration_invalid` */
export async function openGateway(config: GatewayConfig, logger: Logger): Promise<Gateway> {
  const catalogue = await Catalogue.open(config.BUNDLE);
  const signer = new UrlSigner(config.SIGNING_KEY ?? madeUpKey(logger));
  const store = openStore(config.STORAGE_URL, { publicUrl: config.PUBLIC_URL ?? ownUrl(config), signer });
  const queue = openQueue(config, logger);
  const board = new QualityBoard({ redisUrl: config.REDIS_URL, prefix: config.QUEUE_PREFIX, bundle: catalogue.digest });
  const book = new WebhookBook({ redisUrl: config.REDIS_URL, prefix: config.QUEUE_PREFIX, logTtlSeconds: config.RESULT_TTL_SECONDS });
  const metrics = openGatewayMetrics({ backlog: () => queue.backlog(), webhooks: () => book.undelivered() });
  metrics.bundle.set({ bundle: catalogue.manifest.name, digest: catalogue.digest }, 1);
  const doorkeeper = await openDoorkeeper(config, logger);
  const health = new Health({ ready: { redis: async () => void (await Promise.all([queue.check(), doorkeeper.check()])) }, scrape: () => metrics.scrape() });
  const guard = new CallGuard(config.WEBHOOK_PRIVATE_HOSTS);
  const own = { redisUrl: config.REDIS_URL, prefix: config.QUEUE_PREFIX, keyTtlSeconds: config.RESULT_TTL_SECONDS };
  const files = new FileBook(own);
  const studies = new StudyBook(own);
  const fleet = new FleetBoard({ redisUrl: config.REDIS_URL, prefix: config.QUEUE_PREFIX });
  const batches = new BatchBook({ ...own, keepSeconds: config.FILE_TTL_SECONDS });
  const datasets = new DatasetBook(own);
  const app = await openServer(GatewayModule.of({ config, catalogue, queue, board, store, signer, health, metrics, logger, book, files, batches, datasets, guard, studies, fleet }), {
    logger,
    bodyLimitBytes: config.BODY_LIMIT_BYTES,
    onAnswer: ({ route, method, status, seconds }) => {
      metrics.httpRequests.inc({ route, method, status });
      metrics.httpDuration.observe({ route }, seconds);
    },
  });
  keepDoor(app.getHttpAdapter().getInstance(), doorkeeper);
  acceptForms(app.getHttpAdapter().getInstance());
  await serveConsole(app, { logger });
  await app.listen(config.PORT, listeningHost(config));
  const deliveries = openDeliveries(config, { guard, metrics, logger });
  app.get(FileSweep).start();
  app.get(BatchDriver).start();
  health.serve();
  logger.info({ url: await app.getUrl(), bundle: catalogue.manifest.name, storage: store.address }, 'listening');
  return {
    health,
    async drain(deadlineMs) {
      app.get(OpenStreams).drain();
      await Promise.all([app.get(WaitingRoom).drain(deadlineMs), deliveries.close({ deadlineMs }), app.get(BatchDriver).close()]);
    },
    async close() {
      await app.close();
      app.get(FileSweep).stop();
      app.get(AcceptanceLog).flush();
      board.close();
      studies.close();
      fleet.close();
      await Promise.all([queue.close(), book.close(), files.close(), batches.close(), datasets.close(), store.close(), doorkeeper.close()]);
    },
  };
}

function openQueue(config: GatewayConfig, logger: Logger): GenerationQueue {
  return new GenerationQueue({
    redisUrl: config.REDIS_URL,
    prefix: config.QUEUE_PREFIX,
    recordTtlSeconds: config.RESULT_TTL_SECONDS,
    onError: (error) => logger.warn({ code: error.code }, error.message),
    onRecovered: () => logger.info('Redis answers again'),
  });
}

/** An address that a client on this machine can use; one that listens everywhere is told PUBLIC_URL for the others. */
function ownUrl(config: GatewayConfig): string {
  const host = listeningHost(config);
  const everywhere = host === '0.0.0.0' || host === '::';
  return `http://${everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${config.PORT}`;
}

function madeUpKey(logger: Logger): string {
  logger.warn('SIGNING_KEY is not set: picture URLs of this gateway end with its process and no other gateway accepts them');
  return randomBytes(32).toString('base64url');
}
