/** What a task may use of the engine, and for how long. */
export interface Spare {
  /** Aborts when users want the engine: stop, the task begins anew later. */
  readonly signal: AbortSignal;
  /** Whether the engine has done nothing but this since the task began. */
  alone(): boolean;
}

/** Settles all its own failures; what it rejects with after an abort is not heard. */
export type SpareTask = (spare: Spare) => Promise<void>;

export interface SpareTimeOptions {
  /** Rows of the engine. */
  readonly capacity: number;
  /** How long a task waits for an engine without users before it takes a row that none of them needs, default 30 s. */
  readonly patienceMs?: number;
  /** Most tasks that wait, default 64. */
  readonly most?: number;
}

interface Entry {
  readonly task: SpareTask;
  readonly sinceMs: number;
}

/**
 * The engine's time that no user wants. One task at a time runs while no user's picture is in hand; one that has waited
 * long may run beside them, but never while one of them waits for a row. Tasks live in memory and end with the process.
 */
export class SpareTime {
  readonly #options: Required<SpareTimeOptions>;
  readonly #waiting: Entry[] = [];
  #current: { readonly entry: Entry; readonly stop: AbortController; alone: boolean } | undefined;
  #users = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SpareTimeOptions) {
    this.#options = { patienceMs: 30_000, most: 64, ...options };
  }

  /** A user's pictures are in hand until the result is called. */
  enter(pictures: number): () => void {
    this.#count(pictures);
    return () => this.#count(-pictures);
  }

  /** Runs the task when there is time; false when too many wait already. */
  offer(task: SpareTask): boolean {
    if (this.#closed || this.#waiting.length >= this.#options.most) return false;
    this.#waiting.push({ task, sinceMs: Date.now() });
    this.#turn();
    return true;
  }

  /** Stops the task that runs and forgets those that wait. Does not wait: one may be waiting for a Redis that is away. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    clearTimeout(this.#timer);
    this.#current?.stop.abort(new Error('the worker stops'));
  }

  #count(pictures: number): void {
    this.#users += pictures;
    if (this.#current && this.#users > 0) this.#current.alone = false;
    this.#turn();
  }

  #turn(): void {
    clearTimeout(this.#timer);
    if (this.#current) return this.#may(this.#current.entry) ? undefined : this.#current.stop.abort(new Error('users want the engine'));
    const [next] = this.#waiting;
    if (!next) return;
    if (this.#may(next)) return this.#start(this.#waiting.shift()!);
    const patientMs = next.sinceMs + this.#options.patienceMs - Date.now();
    if (patientMs > 0) this.#timer = setTimeout(() => this.#turn(), patientMs).unref();
  }

  #may({ sinceMs }: Entry): boolean {
    const { capacity, patienceMs } = this.#options;
    return this.#users === 0 || (this.#users < capacity && Date.now() - sinceMs >= patienceMs);
  }

  #start(entry: Entry): void {
    const stop = new AbortController();
    const running = { entry, stop, alone: this.#users === 0 };
    this.#current = running;
    void entry.task({ signal: stop.signal, alone: () => running.alone }).catch(() => this.#again(entry, stop.signal)).then(() => {
      this.#current = undefined;
      this.#turn();
    });
  }

  #again(entry: Entry, { aborted }: AbortSignal): void {
    if (aborted && !this.#closed) this.#waiting.unshift(entry);
  }
}
