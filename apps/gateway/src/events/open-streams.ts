import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';

/** The clients that follow a generation by events. */
@Injectable()
export class OpenStreams {
  readonly #open = new Set<AbortController>();
  #leaving = false;

  /** Aborts when the client hangs up, or this gateway leaves. */
  signalOf(response: ServerResponse): AbortSignal {
    const controller = new AbortController();
    this.#open.add(controller);
    const end = (): void => {
      this.#open.delete(controller);
      controller.abort();
    };
    if (response.closed || this.#leaving) end();
    else response.once('close', end);
    return controller.signal;
  }

  /** Ends all of them: clients of events come back by themselves, to another gateway, and say what they have seen. */
  drain(): void {
    this.#leaving = true;
    for (const controller of [...this.#open]) controller.abort();
  }
}
