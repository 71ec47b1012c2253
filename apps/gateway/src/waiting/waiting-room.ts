import { Inject, Injectable } from '@nestjs/common';
import { SlipstreamError, type GenerationRecord } from '@slipstream/contracts';
import { GenerationQueue } from '@slipstream/queue';
import type { Patience } from './patience.js';

/** The clients that wait for their pictures. */
@Injectable()
export class WaitingRoom {
  readonly #waiting = new Map<Patience, Promise<unknown>>();
  #closed = false;

  constructor(@Inject(GenerationQueue) private readonly queue: GenerationQueue) {}

  /**
   * The settled record; undefined once patience ended first and the generation goes on without its client.
   * A client that hung up cancels it.
   * @throws SlipstreamError `generation_cancelled` after a hang-up, `generation_expired`, `queue_unavailable`
   */
  async settled(id: string, patience: Patience): Promise<GenerationRecord | undefined> {
    const wait = this.#wait(id, patience).finally(() => {
      patience.close();
      this.#waiting.delete(patience);
    });
    this.#waiting.set(patience, wait.catch(() => {}));
    if (this.#closed) patience.end('leaving');
    return wait;
  }

  /** Where the generation is when its client has waited enough. One that was asked for asynchronously outlives its client. */
  async latest(accepted: GenerationRecord, patience: Patience): Promise<GenerationRecord> {
    return (await this.settled(accepted.id, patience)) ?? (await this.queue.record(accepted.id)) ?? accepted;
  }

  /** Lets those in the room wait on until the deadline, then sends them away with a job to follow. */
  async drain(deadlineMs: number): Promise<void> {
    const late = setTimeout(() => {
      this.#closed = true;
      for (const patience of this.#waiting.keys()) patience.end('leaving');
    }, deadlineMs);
    while (this.#waiting.size > 0) await Promise.all(this.#waiting.values());
    clearTimeout(late);
  }

  async #wait(id: string, patience: Patience): Promise<GenerationRecord | undefined> {
    try {
      const record = await this.queue.follow(id, patience.signal);
      if (record) return record;
    } catch (error) {
      if (!patience.ended) throw error;
      if (patience.ended === 'disconnected') await this.#cancel(id);
      return undefined;
    }
    throw new SlipstreamError('generation_expired', `the record of generation ${id} was gone before its pictures were made`, {
      remedy: 'send it again; should it happen again, raise RESULT_TTL_SECONDS or let Redis keep its data',
    });
  }

  async #cancel(id: string): Promise<never> {
    await this.queue.cancel(id);
    throw new SlipstreamError('generation_cancelled', `generation ${id} was cancelled: its client hung up`);
  }
}
