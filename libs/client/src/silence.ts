/** Ends what says nothing for too long, however long all of it may take. */
export class Silence {
  readonly #ending = new AbortController();
  readonly #seconds: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(seconds: number) {
    this.#seconds = seconds;
    this.heard();
  }

  /** Aborts after that; and with `signal`. */
  or(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#ending.signal]) : this.#ending.signal;
  }

  /** Something came. */
  readonly heard = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ending.abort(new Error(`nothing came for ${this.#seconds} s`)), this.#seconds * 1000);
  };

  /** Nothing more is waited for. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
