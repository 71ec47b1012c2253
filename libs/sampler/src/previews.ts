import type { Features, RowOutput } from './model-runner.js';
import type { Turn } from './turn.js';

/** A picture on its way: the tokens revealed by then and the model's best guess for the rest. */
export interface Preview {
  /** Steps done. */
  readonly step: number;
  /** (height, width, 4): RGBA with straight alpha; in memory of the batch that it was decoded in. */
  readonly pixels: Uint8Array;
}

/** Divides the logits of a guess: close to the likeliest token of each position. */
const GUESS_TEMPERATURE = 0.1;

/** Where a row stands when it asks for its next run. */
interface Standing {
  readonly step: number;
  readonly maskedCount: number;
}

/**
 * The previews of one row. Each is two cheap runs between two steps: a head that reveals every masked position at once, from
 * the features that the row has seen last, and a decode of what that gives. Neither touches tokens, step or random numbers
 * of the row, so the picture has the same bytes with previews as without.
 */
export class Previews {
  latest: Preview | undefined;
  private readonly due: Set<number>;
  private features: Features | undefined;
  /** What the row wanted when the preview came in between. */
  private held: Turn | undefined;

  /** `count` of them, evenly among the steps, none after the last; fewer where there are not as many steps. */
  constructor(count: number, steps: number) {
    this.due = new Set(Array.from({ length: count }, (_, i) => Math.round(((i + 1) * steps) / (count + 1))).filter((step) => step > 0 && step < steps));
  }

  /** The run that comes next for a row that wants `next`. */
  before(next: Turn, { step, maskedCount }: Standing): Turn {
    if (!this.features || !this.due.delete(step)) return next;
    this.held = next;
    return { kind: 'head', features: this.features, reveals: false, sampling: { revealCount: maskedCount, temperature: GUESS_TEMPERATURE } };
  }

  /** Takes what a run gave; the run that follows where it was one of a preview, else undefined. */
  after(turn: Turn, output: RowOutput, step: number): Turn | undefined {
    if (!this.held) return this.learn(turn, output);
    if (turn.kind !== 'decode') return { kind: 'decode', tokens: output.nextTokens! };
    this.latest = { step, pixels: output.pixels! };
    const next = this.held;
    this.held = undefined;
    return next;
  }

  /** Features of a run that does not reveal may be those of one branch only. */
  private learn(turn: Turn, { features }: RowOutput): undefined {
    if (turn.kind === 'head') this.features = turn.features;
    else if (features && turn.kind !== 'decode' && turn.reveals !== false) this.features = features;
  }
}
