export interface FetchWatchdogOptions {
  readonly stuckAfterMs: number;
  hasFreeHands(): boolean;
  hasWaiting(): Promise<boolean>;
  /** Default a third of `stuckAfterMs`. */
  readonly intervalMs?: number;
}

/** Notices a consumer that no longer fetches: jobs wait, hands are free, and none was fetched for too long. */
export class FetchWatchdog {
  readonly #options: FetchWatchdogOptions;
  readonly #timer: NodeJS.Timeout;
  /** When jobs were first seen waiting in vain; undefined while all is well. */
  #idleSinceMs: number | undefined;

  constructor(options: FetchWatchdogOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#look(), options.intervalMs ?? options.stuckAfterMs / 3).unref();
  }

  get stuck(): boolean {
    return this.#idleSinceMs !== undefined && performance.now() - this.#idleSinceMs > this.#options.stuckAfterMs;
  }

  fetched(): void {
    this.#idleSinceMs = undefined;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#idleSinceMs = undefined;
  }

  async #look(): Promise<void> {
    const inVain = this.#options.hasFreeHands() && (await this.#options.hasWaiting().catch(() => false));
    this.#idleSinceMs = inVain ? (this.#idleSinceMs ?? performance.now()) : undefined;
  }
}
