import { performance } from 'node:perf_hooks';
import type { FromThread } from './protocol.js';

const LATEST_MS = 10;

/** Gathers what the thread has to say: a message costs as much as a good part of a small shortcut step. */
export class Outbox {
  private messages: FromThread[] = [];
  private sentMs = performance.now();

  constructor(private readonly send: (messages: FromThread[]) => void) {}

  /** Leaves at once when the last post is 10 ms ago, else with the next one. */
  add(message: FromThread): void {
    this.messages.push(message);
    if (performance.now() - this.sentMs >= LATEST_MS) this.flush();
  }

  flush(): void {
    if (this.messages.length > 0) this.send(this.messages);
    this.messages = [];
    this.sentMs = performance.now();
  }
}
