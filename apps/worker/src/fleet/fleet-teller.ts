import { randomBytes } from 'node:crypto';
import type { FleetBoard, FleetCounts, StepCosts } from '@slipstream/queue';
import type { Engine, StepReport } from '@slipstream/runtime';
import type { PictureFile } from '../datasets/open-datasets.js';
import type { Finding } from '../quality/audit.js';

const intervalMs = 5_000;

/** Which of the fleet's steps a run is; the others cost time and are no steps. */
const stepOf: Readonly<Partial<Record<StepReport['kind'], 'full' | 'shortcut' | 'partial'>>> = { full: 'full', shortcut: 'shortcut', anchored: 'shortcut', tail: 'shortcut', partial: 'partial' };

export interface FleetTellerParts {
  readonly engine: Pick<Engine, 'on' | 'stats' | 'capacity' | 'digest'>;
  readonly board: Pick<FleetBoard, 'report' | 'leave' | 'close'>;
  readonly costs: () => StepCosts;
  /** Rows of the engine that users leave to data sets. */
  readonly spareRows: () => number;
}

/** Tells the fleet's board every few seconds that this worker lives and what it did since. What could not be told is told the next time. */
export class FleetTeller {
  readonly #parts: FleetTellerParts;
  readonly #id = randomBytes(6).toString('hex');
  readonly #startedAtMs = Date.now();
  readonly #timer: NodeJS.Timeout;
  readonly #deaf: () => void;
  #counts: Record<string, number> = {};
  #anchors = { hits: 0, misses: 0 };
  #telling: Promise<void> = Promise.resolve();

  constructor(parts: FleetTellerParts) {
    this.#parts = parts;
    this.#deaf = parts.engine.on((run) => this.#ran(run));
    this.#timer = setInterval(() => void this.tell(), intervalMs).unref();
  }

  /** A picture was made for a user. */
  made(): void {
    this.#count('pictures', 1);
  }

  /** A picture of a data set was made. */
  madeFile({ encoding, bytes }: PictureFile): void {
    this.made();
    this.#count(`files:${encoding}`, 1);
    this.#count(`fileBytes:${encoding}`, bytes);
  }

  /** An audit was made; `alone`: no user shared the engine meanwhile, so its seconds say something. */
  audited(strategy: string, { agreement, scoreDifferences: [first], seconds }: Finding, { alone }: { alone: boolean }): void {
    this.#count(`audits:${strategy}`, 1);
    this.#count(`agreement:${strategy}`, agreement);
    if (first) {
      this.#count(`scored:${strategy}`, 1);
      this.#count(`scoreDifference:${strategy}`, first.points);
    }
    if (!alone) return;
    this.#count(`timed:${strategy}`, 1);
    this.#count(`speedup:${strategy}`, seconds.full / seconds.accelerated);
  }

  /** Never rejects. */
  tell(): Promise<void> {
    this.#telling = this.#telling.then(() => this.#tell());
    return this.#telling;
  }

  async close(): Promise<void> {
    this.#deaf();
    clearInterval(this.#timer);
    await this.tell();
    await this.#parts.board.leave(this.#id).catch(() => {}); // it is seen to be gone in a while
    this.#parts.board.close();
  }

  async #tell(): Promise<void> {
    const { engine, board, costs, spareRows } = this.#parts;
    const { rowsInUse, waiting, anchors } = engine.stats();
    this.#count('anchorHits', anchors.hits - this.#anchors.hits);
    this.#count('anchorMisses', anchors.misses - this.#anchors.misses);
    this.#anchors = anchors;
    const told = this.#counts;
    this.#counts = {};
    const state = { id: this.#id, bundle: engine.digest, startedAtMs: this.#startedAtMs, capacity: engine.capacity, rowsInUse, waiting, ...costs() };
    await board.report(state, { ...told, rowsInUse, capacity: engine.capacity, spareRows: spareRows() }).catch(() => this.#takeBack(told));
  }

  #ran({ kind, rows, seconds }: StepReport): void {
    if (kind === 'decode') return this.#add('decode', { rows, seconds }); // of previews as well
    this.#count('stepSeconds', seconds);
    const step = stepOf[kind];
    if (step !== undefined) this.#add(step, { rows, seconds });
  }

  #add(step: string, { rows, seconds }: Pick<StepReport, 'rows' | 'seconds'>): void {
    this.#count(`steps:${step}`, rows);
    this.#count(`seconds:${step}`, seconds);
  }

  #takeBack(counts: FleetCounts): void {
    for (const [name, count] of Object.entries(counts)) this.#count(name, count);
  }

  #count(name: string, count: number): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + count;
  }
}
