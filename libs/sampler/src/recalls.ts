import type { Anchors } from './anchors.js';
import type { Features } from './model-runner.js';
import type { Trajectory } from './trajectory.js';

/** One anchor on its way: looked for, or computed by the row that asked first. The others wait for it. */
interface Flight {
  fetching: boolean;
  /** In the order in which they asked; the first computes what is not found. */
  readonly rows: Trajectory[];
}

/** What a row asked for and has not been told yet; `undefined` in `found` is its own to compute. */
interface Question {
  readonly names: readonly string[];
  readonly found: Map<string, Features | undefined>;
}

/**
 * Single flight: an anchor that several rows want is looked up once and computed once. A row that waits stands before no
 * run, so its mates go on. A row asks for all of its branches at once and waits only for rows that asked before it: nobody
 * waits in a circle.
 */
export class Recalls {
  private readonly flights = new Map<string, Flight>();
  private readonly questions = new Map<Trajectory, Question>();

  /** `wake` is called when `deliver` has something to do. */
  constructor(
    private readonly anchors: Anchors,
    private readonly wake: () => void,
  ) {}

  get scope(): Anchors['scope'] {
    return this.anchors.scope;
  }

  nameOf(prompt: Int32Array, tokens: Int32Array): string {
    return this.anchors.nameOf(prompt, tokens);
  }

  /** Notes what a row that is `recalling` wants. */
  ask(row: Trajectory): void {
    const question: Question = { names: row.recalling!, found: new Map() };
    this.questions.set(row, question);
    for (const name of new Set(question.names)) this.look(name, row, question);
  }

  /** Tells every row that has all its answers; it stands before a run from now on. */
  deliver(): void {
    for (const [row, { names, found }] of this.questions) {
      if (found.size < new Set(names).size) continue;
      this.questions.delete(row);
      row.recalled(names.map((name) => found.get(name)));
    }
  }

  /** What a row computed, for memory and for all who wait. */
  set(name: string, features: Features): void {
    this.anchors.set(name, features);
    this.land(name, features);
  }

  /** A row is gone: what it was to compute is the next one's who waits. */
  leave(row: Trajectory): void {
    this.questions.delete(row);
    for (const [name, flight] of this.flights) {
      const at = flight.rows.indexOf(row);
      if (at < 0) continue;
      flight.rows.splice(at, 1);
      if (at === 0 && !flight.fetching) this.entrust(name, flight);
    }
  }

  private look(name: string, row: Trajectory, { found }: Question): void {
    const features = this.anchors.get(name);
    if (features) return void found.set(name, features);
    const underWay = this.flights.get(name);
    if (underWay) return void underWay.rows.push(row);
    const flight: Flight = { fetching: true, rows: [row] };
    this.flights.set(name, flight);
    if (this.anchors.fetch(name, (answer) => this.answer(name, flight, answer))) return;
    flight.fetching = false;
    found.set(name, undefined);
  }

  private answer(name: string, flight: Flight, features: Features | undefined): void {
    flight.fetching = false;
    if (features) this.land(name, features);
    else this.entrust(name, flight);
    this.wake();
  }

  private land(name: string, features: Features): void {
    for (const row of this.flights.get(name)?.rows ?? []) this.questions.get(row)?.found.set(name, features);
    this.flights.delete(name);
  }

  /** To the first who waits, or to nobody. */
  private entrust(name: string, { rows }: Flight): void {
    const [first] = rows;
    if (first) return void this.questions.get(first)?.found.set(name, undefined);
    this.flights.delete(name);
    this.anchors.forgo(name);
  }
}
