export interface LockKeeperOptions {
  readonly everyMs: number;
  /** Renews these locks and resolves with the ids of those that are not ours any more. */
  renew(held: readonly { readonly id: string; readonly token: string }[]): Promise<readonly string[]>;
  onLost(id: string): void;
}

/**
 * Renews the locks of the jobs in hand. BullMQ's own renewal asks the wall clock how old a lock is: when that goes back an
 * hour it renews nothing for an hour, and every job that takes longer than a lock lasts is lost.
 */
export class LockKeeper {
  readonly #held = new Set<{ readonly id: string; readonly token: string }>();
  readonly #timer: NodeJS.Timeout;
  #renewing = false;

  constructor(private readonly options: LockKeeperOptions) {
    this.#timer = setInterval(() => void this.#renew(), options.everyMs).unref();
  }

  /** From now on; the result ends it. */
  hold(id: string, token: string): () => void {
    const lock = { id, token };
    this.#held.add(lock);
    return () => void this.#held.delete(lock);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** While Redis is away a renewal waits with it; those that come due meanwhile are left out. */
  async #renew(): Promise<void> {
    if (this.#renewing || this.#held.size === 0) return;
    this.#renewing = true;
    const asked = [...this.#held];
    const lost = await this.options.renew(asked).catch((): readonly string[] => []);
    this.#renewing = false;
    // One that was let go meanwhile has no lock and is not lost; the same job may be held again.
    for (const lock of asked) if (lost.includes(lock.id) && this.#held.has(lock)) this.options.onLost(lock.id);
  }
}
