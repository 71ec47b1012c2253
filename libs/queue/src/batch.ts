/** Gathers what arrives in one turn of the event loop and hands it on together. */
export class Batch<T> {
  readonly #flush: (items: readonly T[]) => Promise<void>;
  #items: T[] = [];
  #flushed: Promise<void> | undefined;

  /** `flush` gets at most 500 items; what it throws rejects the `push` of each of them. */
  constructor(flush: (items: readonly T[]) => Promise<void>) {
    this.#flush = flush;
  }

  push(item: T): Promise<void> {
    this.#items.push(item);
    const flushed = (this.#flushed ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#take()));
    if (this.#items.length >= 500) this.#flushed = undefined;
    return flushed;
  }

  #take(): Promise<void> {
    const items = this.#items.splice(0, 500);
    if (this.#items.length === 0) this.#flushed = undefined;
    return this.#flush(items);
  }
}
