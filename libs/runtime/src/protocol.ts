import type { BundleManifest, Checkpoint, ErrorReport } from '@slipstream/contracts';
import { PLAN_KINDS, type RunLimits, type TrajectoryRequest } from '@slipstream/sampler';
import type { AnchorOptions, SampleResult, StepReport } from './engine.js';
import type { SessionOptions } from './graph-session.js';
import type { GraphFiles } from './graph-sessions.js';
import type { PromptedPicture, Score } from './picture-scores.js';
import type { ScorerFiles } from './scorer.js';
import type { AnchorMemory } from './thread-anchors.js';

/*
 * All that crosses between the engine thread and its owner, in lists of messages both ways. Features are made, kept and used
 * inside; only those of full steps cross, where the owner shares them with a fleet.
 */

/** What the thread is born with. */
export interface ThreadData {
  readonly manifest: BundleManifest;
  readonly digest: string;
  readonly files: GraphFiles;
  readonly session: SessionOptions;
  readonly capacity: number;
  readonly limits: RunLimits;
  readonly anchors: Required<AnchorOptions>;
  readonly scorers: readonly ScorerFiles[];
  /** Where the thread notes the run it is in, so that its owner can name it when the thread is gone; see RunningPlan. */
  readonly running: SharedArrayBuffer;
}

export type ToThread =
  /** `submittedMs` on the clock that all threads share, performance.timeOrigin + performance.now(). `heard`: its steps are told. */
  | { readonly type: 'submit'; readonly id: number; readonly request: TrajectoryRequest; readonly from?: Checkpoint | undefined; readonly submittedMs: number; readonly heard: boolean }
  | { readonly type: 'embed'; readonly id: number; readonly tokens: readonly Int32Array[] }
  | { readonly type: 'score'; readonly id: number; readonly picture: PromptedPicture }
  | { readonly type: 'abort'; readonly id: number }
  /** From now on the owner is asked for anchors. */
  | { readonly type: 'share' }
  /** An answer to `wanted`; without features the thread computes them and says `computed` or `forgone`. */
  | { readonly type: 'anchor'; readonly anchor: string; readonly features: Float32Array | undefined }
  /** The last message: the thread ends after the run that it is in. Ending it from outside during a run ends the process. */
  | { readonly type: 'close' };

/** A picture, but for what the owner knows itself. */
export type Picture = Omit<SampleResult, 'width' | 'height'>;

export type Outcome =
  | { readonly picture: Picture }
  | { readonly vectors: Float32Array[] }
  | { readonly scores: readonly Score[] }
  | { readonly error: ErrorReport }
  | { readonly aborted: true };

export type FromThread =
  | { readonly type: 'ready' }
  /** One of each for each row of a run that is heard; a checkpoint when it is new. */
  | { readonly type: 'step'; readonly ids: readonly number[]; readonly steps: readonly number[]; readonly stepMaps: readonly string[]; readonly checkpoints: readonly (Checkpoint | undefined)[] }
  /** `pixels` in memory of their own. */
  | { readonly type: 'preview'; readonly id: number; readonly step: number; readonly masked: string; readonly pixels: Uint8Array }
  | { readonly type: 'finished'; readonly id: number; readonly outcome: Outcome }
  /** `busySeconds`: from the end of the run before, or from waking, to the end of this one. */
  | { readonly type: 'report'; readonly report: StepReport; readonly busySeconds: number }
  | { readonly type: 'wanted'; readonly anchor: string }
  | { readonly type: 'computed'; readonly anchor: string; readonly features: Float32Array }
  | { readonly type: 'forgone'; readonly anchor: string }
  | { readonly type: 'memory'; readonly memory: AnchorMemory }
  /** The engine cannot go on; the last message. */
  | { readonly type: 'dead'; readonly error: ErrorReport };

/** The run that the thread is in, in shared memory: it outlives a thread that can no longer speak. */
export class RunningPlan {
  private readonly words: Int32Array;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(5 * Int32Array.BYTES_PER_ELEMENT)) {
    this.words = new Int32Array(memory);
  }

  /** Between runs there is none: `undefined`. */
  note(plan: Omit<StepReport, 'seconds'> | undefined): void {
    this.words.set(plan ? [PLAN_KINDS.indexOf(plan.kind) + 1, plan.rows, plan.shape.branches, plan.shape.masked, plan.shape.places] : [0, 0, 0, 0, 0]);
  }

  read(): Omit<StepReport, 'seconds'> | undefined {
    const [kind = 0, rows = 0, branches = 0, masked = 0, places = 0] = this.words;
    return kind === 0 ? undefined : { kind: PLAN_KINDS[kind - 1]!, rows, shape: { branches, masked, places } };
  }
}
