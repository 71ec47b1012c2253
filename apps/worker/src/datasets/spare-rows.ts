/** Rows that no user needs, for the samples of data sets. */
export interface SpareRowsOptions {
  /** Rows of the engine. */
  readonly capacity: number;
  /** Samples in the engine's hands for each of its rows while no user is there. */
  readonly handsPerRow: number;
}

/**
 * Lets data sets have what users leave: with none of their pictures in hand, enough to keep every row busy; beside them, the
 * rows that they do not fill, but always one, so that a data set ends although users never pause.
 */
export class SpareRows {
  readonly #options: SpareRowsOptions;
  readonly #waiting: (() => void)[] = [];
  #users = 0;
  #taken = 0;

  constructor(options: SpareRowsOptions) {
    this.#options = options;
  }

  /** A user's pictures are in hand until the result is called. */
  enter(pictures: number): () => void {
    this.#users += pictures;
    return () => {
      this.#users -= pictures;
      this.#wake();
    };
  }

  /** Resolves when there is a row to spare; it is the caller's until `give`. */
  async take(): Promise<void> {
    if (this.#waiting.length === 0 && this.#taken < this.#most()) this.#taken += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  give(): void {
    this.#taken -= 1;
    this.#wake();
  }

  /** Rows of the engine that data sets have now, or would have. */
  get spare(): number {
    return Math.min(this.#options.capacity, this.#most());
  }

  #most(): number {
    const { capacity, handsPerRow } = this.#options;
    return this.#users === 0 ? Math.ceil(capacity * handsPerRow) : Math.max(1, capacity - this.#users);
  }

  #wake(): void {
    while (this.#waiting.length > 0 && this.#taken < this.#most()) {
      this.#taken += 1;
      this.#waiting.shift()!();
    }
  }
}
