import { SlipstreamError, type Webhook, type WebhookEvent } from '@slipstream/contracts';
import type { Answer } from '@slipstream/queue';
import { withDeadline } from '@slipstream/server-kit';
import type { CallGuard } from './call-guard.js';
import { eventBody } from './event-body.js';
import { pinnedPost, type Post } from './post.js';
import { retryAfterOf } from './retry-schedule.js';
import { signedHeaders } from './signature.js';

export interface SenderParts {
  readonly guard: Pick<CallGuard, 'admit'>;
  readonly timeoutSeconds: number;
  /** Default is the network. */
  readonly post?: Post;
}

/** Sends events: one attempt each, guarded, signed and judged. */
export class Sender {
  constructor(private readonly parts: SenderParts) {}

  /** Any answer of 2xx is a receipt, 410 says never again, all else is a failure. Rejects only with the signal's reason. */
  async send(event: WebhookEvent, webhook: Webhook, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const [atMs, startedMs] = [Date.now(), performance.now()];
    const took = (): number => Math.round(performance.now() - startedMs) / 1000;
    try {
      const { status, retryAfter } = await withDeadline(signal, this.parts.timeoutSeconds * 1000, (ending) => this.#call(event, webhook, ending));
      const fault = faultOf(status);
      const verdict = fault === undefined ? 'delivered' : status === 410 ? 'gone' : 'failed';
      return { verdict, attempt: { atMs, seconds: took(), status, ...(fault !== undefined && { fault }) }, retryAfterMs: retryAfterOf(retryAfter, atMs) };
    } catch (error) {
      signal.throwIfAborted();
      return { verdict: 'failed', attempt: { atMs, seconds: took(), fault: this.#reasonOf(error) } };
    }
  }

  async #call(event: WebhookEvent, { url, secrets }: Webhook, signal: AbortSignal): ReturnType<Post> {
    const { guard, post = pinnedPost } = this.parts;
    const target = await guard.admit(url);
    const body = eventBody(event);
    const headers = { 'content-type': 'application/json', 'user-agent': 'slipstream-webhooks', ...signedHeaders(event, body, { secrets, nowMs: Date.now() }) };
    return post(target, { headers, body, signal });
  }

  #reasonOf(error: unknown): string {
    if (error instanceof SlipstreamError) return error.message;
    const { name, code } = error as NodeJS.ErrnoException;
    return name === 'TimeoutError' || name === 'AbortError' ? `no answer within ${this.parts.timeoutSeconds} seconds` : `no connection (${code ?? name})`;
  }
}

function faultOf(status: number): string | undefined {
  if (status >= 200 && status < 300) return undefined;
  return status >= 300 && status < 400 ? `it answered ${status}, and redirects are not followed` : `it answered ${status}`;
}
