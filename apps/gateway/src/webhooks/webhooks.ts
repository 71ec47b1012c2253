import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { parseWebhookChange, parseWebhookRequest, SlipstreamError, type Webhook } from '@slipstream/contracts';
import { WebhookBook } from '@slipstream/queue';
import { CallGuard } from './call-guard.js';
import { newSecret } from './signature.js';

/** Webhooks of one tenant. */
const most = 20;
/** How long a replaced secret signs on beside the new one. */
const overlapMs = 24 * 3_600_000;

/** What a tenant can do with its webhooks; another's are not there. */
@Injectable()
export class Webhooks {
  constructor(
    @Inject(WebhookBook) private readonly book: WebhookBook,
    @Inject(CallGuard) private readonly guard: CallGuard,
  ) {}

  /** @throws SlipstreamError `invalid_request`, `webhooks_full`, `queue_unavailable` */
  async create(tenant: string, body: unknown): Promise<Webhook> {
    const request = parseWebhookRequest(body);
    await this.guard.admit(request.url);
    const webhook: Webhook = { id: `wh_${randomBytes(12).toString('hex')}`, tenant, ...request, status: 'enabled', createdAtMs: Date.now(), secrets: [{ secret: newSecret() }] };
    if (await this.book.add(webhook, most)) return webhook;
    throw new SlipstreamError('webhooks_full', `there are ${most} webhooks already`, { remedy: 'delete one, or give one more events' });
  }

  async list(tenant: string): Promise<Webhook[]> {
    return this.book.list(tenant);
  }

  /** @throws SlipstreamError `webhook_not_found`, `queue_unavailable` */
  async find(tenant: string, id: string): Promise<Webhook> {
    return known(id, await this.book.read(tenant, id));
  }

  /** @throws SlipstreamError `invalid_request`, and as `find` */
  async change(tenant: string, id: string, body: unknown): Promise<Webhook> {
    const change = parseWebhookChange(body);
    if (change.url !== undefined) await this.guard.admit(change.url);
    const apply = ({ disabledReason, ...before }: Webhook): Webhook => ({ ...before, ...change, ...(change.status === undefined && disabledReason !== undefined && { disabledReason }) });
    return known(id, await this.book.update(tenant, id, apply));
  }

  /** A new secret; the one before signs on for a day, any older one no more. @throws SlipstreamError as `find` */
  async rotate(tenant: string, id: string): Promise<Webhook> {
    const secret = newSecret();
    const untilMs = Date.now() + overlapMs;
    return known(id, await this.book.update(tenant, id, (before) => ({ ...before, secrets: [{ secret }, { ...before.secrets[0]!, untilMs }] })));
  }

  /** @throws SlipstreamError as `find` */
  async remove(tenant: string, id: string): Promise<void> {
    if (!(await this.book.remove(tenant, id))) known(id, undefined);
  }
}

function known(id: string, webhook: Webhook | undefined): Webhook {
  if (webhook) return webhook;
  throw new SlipstreamError('webhook_not_found', `no webhook has the id ${JSON.stringify(id.slice(0, 64))}`, { param: 'id', remedy: 'GET /v1/webhooks lists them' });
}
