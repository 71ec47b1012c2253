/** Attempts under way at each webhook, at most so many; whoever finds none free is told when to come again. */
export class Slots {
  readonly #webhooks = new Map<string, { underWay: number; lastMs: number; nextMs: number }>();

  /** `nowMs`: the clock, default `Date.now`. */
  constructor(
    private readonly perWebhook: number,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Takes a slot; or the time to ask again, one after the other as slots are likely to come free, at least a second from now. */
  enter(webhook: string): 'free' | number {
    const at = this.#webhooks.get(webhook) ?? { underWay: 0, lastMs: 1_000, nextMs: 0 };
    this.#webhooks.set(webhook, at);
    if (at.underWay < this.perWebhook) {
      at.underWay += 1;
      return 'free';
    }
    const whenMs = Math.max(this.nowMs() + 1_000, at.nextMs);
    at.nextMs = whenMs + at.lastMs / this.perWebhook;
    return Math.ceil(whenMs);
  }

  /** Gives it back; `tookMs` is how long it was taken. */
  leave(webhook: string, tookMs: number): void {
    const at = this.#webhooks.get(webhook)!;
    at.underWay -= 1;
    at.lastMs = tookMs;
    if (at.underWay === 0 && at.nextMs <= this.nowMs()) this.#webhooks.delete(webhook);
  }
}
