import type { GatewayMetrics } from '@slipstream/metrics';
import { DeliveryConsumer } from '@slipstream/queue';
import type { Logger } from '@slipstream/server-kit';
import type { GatewayConfig } from '../configuration.js';
import type { CallGuard } from './call-guard.js';
import { retryDelayMs } from './retry-schedule.js';
import { Sender } from './sender.js';

/** Attempts of one gateway at a time; most of that is waiting for answers. */
const concurrency = 64;
const perWebhook = 8;

/** This gateway's share of the deliveries of all. */
export function openDeliveries(config: GatewayConfig, { guard, metrics, logger }: { guard: CallGuard; metrics: GatewayMetrics; logger: Logger }): DeliveryConsumer {
  metrics.webhookAttempts.inc({ outcome: 'gone' }, 0); // an increase is seen from 0 only
  const sender = new Sender({ guard, timeoutSeconds: config.WEBHOOK_TIMEOUT_SECONDS });
  return new DeliveryConsumer({
    redisUrl: config.REDIS_URL,
    prefix: config.QUEUE_PREFIX,
    logTtlSeconds: config.RESULT_TTL_SECONDS,
    concurrency,
    perWebhook,
    send: (event, webhook, signal) => sender.send(event, webhook, signal),
    delayMs: retryDelayMs,
    onAnswer: (outcome, { attempt }, { id }) => {
      metrics.webhookAttempts.inc({ outcome });
      metrics.webhookDuration.observe(attempt.seconds);
      if (outcome !== 'delivered') logger.info({ webhook: id, outcome, status: attempt.status, fault: attempt.fault }, `webhook ${outcome}`);
    },
    onError: (error) => logger.warn({ code: error.code }, error.message),
  });
}
