import type { BundleManifest, Checkpoint, Knobs, SlipstreamError, StepCounts, StrategyName } from '@slipstream/contracts';
import type { PlanKind, Shape } from '@slipstream/sampler';
import type { ElementType, FleetAnchors } from '@slipstream/trajectories';
import type { LoadedScorer, PromptedPicture, Score } from './picture-scores.js';
import type { AnchorMemory } from './thread-anchors.js';

export type ExecutionProvider = 'cpu' | 'webgpu' | 'cuda';

export interface EngineOptions {
  /** The bundle's folder. */
  readonly bundleDir: string;
  /** Default cpu. */
  readonly executionProvider?: ExecutionProvider;
  /** Threads inside one graph run; default: the machine's cores. */
  readonly threads?: number;
  /** Most pictures in the making at once; default 16. The others wait in order. */
  readonly capacity?: number;
  /** Most rows of one run, by kind; defaults in run-limits. */
  readonly rowsPerRun?: Partial<Record<PlanKind, number>>;
  readonly anchors?: AnchorOptions;
  /** Folders of scorers to open beside the bundle; default none. */
  readonly scorerDirs?: readonly string[];
}

/** What the engine keeps of full steps, so that pictures which meet the same one again cost a full step less. */
export interface AnchorOptions {
  /** Default 64 MiB; 0 keeps and shares none. */
  readonly memoryBytes?: number;
  /** `first`, the default: first steps alone, which all pictures of a prompt share. */
  readonly scope?: 'first' | 'all';
  /** How whoever shares them keeps them: anchors of another element type are others. Default fp32. */
  readonly element?: ElementType;
}

/** Where an engine's anchors are shared with others. */
export type SharedAnchors = Pick<FleetAnchors, 'find' | 'offer' | 'forgo'>;

/** One picture to make, every choice made. */
export interface SampleRequest {
  /** Any text; words the bundle never saw become its unknown word. Of a bundle of classes: the number of one. */
  readonly prompt: string;
  /** A whole number, 0 … 2^53 − 1. The same bundle, request and seed give the same bytes, alone or in any batch. */
  readonly seed: number;
  readonly strategy: StrategyName;
  /** 1 ≤ budget ≤ steps ≤ tokens of a picture; the budget counts full steps under the strategies that have one. */
  readonly steps: number;
  readonly budget: number;
  /** The strategy's own; those left out have the table's defaults. */
  readonly knobs?: Partial<Knobs>;
  readonly guidance: number;
  /** Above 0. */
  readonly temperature: number;
  /** `off`: every step is computed, and nothing of it is kept. Default on. */
  readonly cache?: 'on' | 'off';
  /** How many previews are made on the way, 0 by default; they cost two cheap runs each and change no byte of the picture. */
  readonly previews?: number;
}

/** How much faster a picture was made than its baseline. */
export interface Speedup {
  readonly value: number;
  /** What it was held against, in words. */
  readonly baseline: string;
  /** True when the cost of a full step was measured on this engine in this process. */
  readonly measured: boolean;
}

export interface SampleResult extends StepCounts {
  /** (height, width, 4): RGBA with straight alpha. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Prompt ids that it was made from, (prompt.length). */
  readonly promptIds: Int32Array;
  /** The picture's tokens, (tokens). */
  readonly tokens: Int32Array;
  /** (tokens): the step, 0 the first, that revealed each; −1 for those before the checkpoint that it went on from. */
  readonly revealedAt: Int32Array;
  /** What each step was sampled from, a letter each. */
  readonly stepMap: string;
  /** Branches of full steps that were recalled, from memory or from the fleet, instead of computed. */
  readonly remembered: number;
  /** Before the first run that it was part of, and from there to the pixels. */
  readonly seconds: { readonly waiting: number; readonly engine: number };
  readonly speedup: Speedup;
}

/** What a picture may become: the tokens revealed by then and the model's best guess for the rest. */
export interface SamplePreview {
  /** Steps done. */
  readonly step: number;
  /** (imageTokens): a 1 for each token that is a guess, a 0 for each that is revealed. */
  readonly masked: string;
  /** (height, width, 4): RGBA with straight alpha. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A picture has done `step` of its `steps`. */
export interface StepProgress {
  readonly step: number;
  readonly steps: number;
  /** Of the steps done. */
  readonly stepMap: string;
  /** Where it can go on, once it has passed such a place. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** One run of a graph. */
export interface StepReport {
  readonly kind: PlanKind;
  readonly rows: number;
  readonly shape: Shape;
  /** Time inside the graph. */
  readonly seconds: number;
}

/** The last that was heard from the engine. */
export interface EngineStats {
  readonly capacity: number;
  readonly rowsInUse: number;
  readonly waiting: number;
  /** Share of the engine's busy time that is not inside ONNX runs, over the last runs; 0 before the first. */
  readonly outsideOnnxShare: number;
  /** Cost of one row in a run of each kind with every branch, median over the last runs; 0 before the first. */
  readonly rowSeconds: Readonly<Record<PlanKind, number>>;
  readonly anchors: AnchorMemory;
}

export interface SubmitOptions {
  readonly signal?: AbortSignal;
  /** Called after each step of this picture, a few milliseconds late at most. */
  readonly onStep?: (progress: StepProgress) => void;
  /** Called with each preview that the request asked for. */
  readonly onPreview?: (preview: SamplePreview) => void;
  /** Where the picture goes on, left by any engine of the same bundle. Its steps are counted whole; seconds and speed-up are of the part made here. */
  readonly from?: Checkpoint | undefined;
}

/** A bundle in its own thread, making pictures. The calling thread stays free. */
export interface Engine {
  readonly manifest: BundleManifest;
  /** sha256 of the manifest's bytes, hex. */
  readonly digest: string;
  readonly capacity: number;
  /**
   * Makes one picture; settles exactly once. Rejects with the signal's reason once an abort has freed its row (at the
   * next step), with SlipstreamError `invalid_request` naming the field, or `engine_failed` when the engine is dead:
   * then the message names the run that crashed, every later submit fails alike, and the process decides what to do.
   */
  submit(request: SampleRequest, options?: SubmitOptions): Promise<SampleResult>;
  /** Pictures' tokens, (tokens) each, as vectors in the bundle's fixed feature space. */
  embed(tokens: readonly Int32Array[]): Promise<Float32Array[]>;
  /** The scorers beside the bundle, in the order of `scorerDirs`. */
  readonly scorers: readonly LoadedScorer[];
  /** A picture's scores, one a scorer; takes its turn among the engine's runs. Rejects with SlipstreamError. */
  score(picture: PromptedPicture): Promise<readonly Score[]>;
  /** Hears of every run from now on; the result ends it. */
  on(listener: (report: StepReport) => void): () => void;
  stats(): EngineStats;
  /** From now on looks anchors up there when they are not in memory, and offers what it computes. Once; for as long as it lives. */
  share(anchors: SharedAnchors): void;
  /** Resolves when the engine dies of itself, with what every pending submit was rejected with; never by `close`. */
  readonly died: Promise<SlipstreamError>;
  /**
   * Rejects what is pending with `engine_failed` and resolves when the thread has ended, after the run that it is in.
   * Idempotent. A process must close its engine before it exits: one that ends during a run crashes.
   */
  close(): Promise<void>;
}
