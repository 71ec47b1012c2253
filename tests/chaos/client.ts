import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../src/harness/index.js';
import type { Fleet } from './fleet.js';
import type { Random } from './random.js';
import type { ChaosRequest } from './requests.js';

/** The end of a job, as clients see it. */
export interface Ending {
  readonly status: 'completed' | 'failed' | 'cancelled' | 'expired';
  /** Of a failed one. */
  readonly error?: { readonly code: string; readonly message: string };
}

const unknown = ['generation_not_found', 'generation_expired'];
const settled = ['completed', 'failed', 'cancelled', 'expired'];

/** A patient client: any gateway, again and again, each question with a time limit. */
export class Client {
  /** Requests that were sent and not answered with a job; sent again as new ones. */
  unanswered = 0;

  constructor(private readonly fleet: Fleet, private readonly random: Random) {}

  /** The id of the job, once a gateway has said it; undefined where none has before the limit. */
  async submit({ body }: ChaosRequest, limit?: AbortSignal): Promise<string | undefined> {
    while (!limit?.aborted) {
      const answer = await this.#ask('/v1/generations', { json: body });
      if (answer?.status === 202) return answer.body.id as string;
      if (answer && answer.status < 500) throw new Error(`a request was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
      this.unanswered += 1;
      await sleep(250);
    }
    return undefined;
  }

  /** Asks for a job to stop, once; whether that was heard is seen in its end. */
  async cancel(id: string): Promise<void> {
    await this.#ask(`/v1/generations/${id}/cancel`, { method: 'POST' });
  }

  /** How the job ended; 'unknown' where its id means nothing to the service, undefined while it goes on. */
  async ending(id: string): Promise<Ending | 'unknown' | undefined> {
    const answer = await this.#ask(`/v1/generations/${id}`);
    if (answer && unknown.includes(answer.body?.error?.code)) return 'unknown';
    if (answer?.status !== 200 || !settled.includes(answer.body.status)) return undefined;
    return { status: answer.body.status, ...(answer.body.error && { error: answer.body.error }) };
  }

  async #ask(path: string, question: { json?: unknown; method?: string } = {}): Promise<Awaited<ReturnType<typeof ask>> | undefined> {
    const gateway = this.fleet.pick('gateway', this.random);
    if (!gateway) return undefined;
    return ask(gateway.url + path, { ...question, signal: AbortSignal.timeout(8_000) }).catch(() => undefined);
  }
}
