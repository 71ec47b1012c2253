import TinyQueue from 'tinyqueue';

interface Entry {
  readonly at: number;
  /** Events of one moment happen in the order in which they were planned. */
  readonly order: number;
  readonly happen: () => void;
}

/** Simulated time, in seconds: what is planned happens in order, and nothing else passes the time. */
export class Timeline {
  readonly #entries = new TinyQueue<Entry>([], (a, b) => a.at - b.at || a.order - b.order);
  #planned = 0;
  now = 0;

  after(seconds: number, happen: () => void): void {
    this.#entries.push({ at: this.now + seconds, order: (this.#planned += 1), happen });
  }

  /** Until nothing is left to happen before the end. */
  runUntil(end: number): void {
    for (let next = this.#entries.peek(); next !== undefined && next.at <= end; next = this.#entries.peek()) {
      this.#entries.pop();
      this.now = next.at;
      next.happen();
    }
    this.now = end;
  }
}
