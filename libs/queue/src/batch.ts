const mostItems = 500;

/** Gathers what arrives in one turn of the event loop and hands it on together. */
export class Batch<T, R> {
  readonly #flush: (items: readonly T[]) => Promise<readonly R[]>;
  #open: { readonly items: T[]; readonly flushed: Promise<readonly R[]> } | undefined;

  /** `flush` gets at most 500 items and answers each in its place; what it throws rejects the `push` of each of them. */
  constructor(flush: (items: readonly T[]) => Promise<readonly R[]>) {
    this.#flush = flush;
  }

  async push(item: T): Promise<R> {
    const { items, flushed } = (this.#open ??= this.#start());
    const place = items.push(item) - 1;
    if (items.length === mostItems) this.#open = undefined;
    return (await flushed)[place]!;
  }

  #start(): { items: T[]; flushed: Promise<readonly R[]> } {
    const items: T[] = [];
    const turn = new Promise<void>((resolve) => setImmediate(resolve));
    const flushed = turn.then(() => {
      if (this.#open?.items === items) this.#open = undefined;
      return this.#flush(items);
    });
    return { items, flushed };
  }
}
