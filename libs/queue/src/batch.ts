const mostItems = 500;

/** Gathers what arrives in one turn of the event loop and hands it on together. */
export class Batch<T> {
  readonly #flush: (items: readonly T[]) => Promise<void>;
  #open: { readonly items: T[]; readonly flushed: Promise<void> } | undefined;

  /** `flush` gets at most 500 items; what it throws rejects the `push` of each of them. */
  constructor(flush: (items: readonly T[]) => Promise<void>) {
    this.#flush = flush;
  }

  push(item: T): Promise<void> {
    const { items, flushed } = (this.#open ??= this.#start());
    if (items.push(item) === mostItems) this.#open = undefined;
    return flushed;
  }

  #start(): { items: T[]; flushed: Promise<void> } {
    const items: T[] = [];
    const turn = new Promise<void>((resolve) => setImmediate(resolve));
    const flushed = turn.then(() => {
      if (this.#open?.items === items) this.#open = undefined;
      return this.#flush(items);
    });
    return { items, flushed };
  }
}
