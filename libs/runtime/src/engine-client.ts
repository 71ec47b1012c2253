import type { Worker } from 'node:worker_threads';
import { knobsOf, SlipstreamError, type BundleManifest, type Checkpoint } from '@slipstream/contracts';
import { describePlan, PLAN_KINDS, type PlanKind } from '@slipstream/sampler';
import { Recent } from '@slipstream/trajectories';
import type { Engine, EngineStats, SamplePreview, SampleRequest, SampleResult, SharedAnchors, StepReport, SubmitOptions } from './engine.js';
import { nowMs } from './now.js';
import type { LoadedScorer, PromptedPicture, Score } from './picture-scores.js';
import type { PromptEncoder } from './prompt-encoder.js';
import type { FromThread, Outcome, RunningPlan, ToThread } from './protocol.js';

export interface EngineParts {
  readonly thread: Pick<Worker, 'on' | 'postMessage'>;
  readonly manifest: BundleManifest;
  readonly digest: string;
  readonly prompts: PromptEncoder;
  readonly capacity: number;
  readonly running: RunningPlan;
  readonly scorers?: readonly LoadedScorer[];
}

type Work = Omit<Extract<ToThread, { type: 'submit' }>, 'id'> | Omit<Extract<ToThread, { type: 'embed' }>, 'id'> | Omit<Extract<ToThread, { type: 'score' }>, 'id'>;

interface Pending {
  readonly settle: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  readonly onStep?: ((step: number, stepMap: string, checkpoint: Checkpoint | undefined) => void) | undefined;
  readonly onPreview?: ((made: Pick<SamplePreview, 'step' | 'masked' | 'pixels'>) => void) | undefined;
}

/** The owner's side of the engine thread: who waits for what, and what the thread reported last. */
export class EngineClient implements Engine {
  readonly manifest: BundleManifest;
  readonly digest: string;
  readonly capacity: number;
  readonly scorers: readonly LoadedScorer[];
  readonly died: Promise<SlipstreamError>;
  private readonly exited: Promise<void>;
  private readonly pending = new Map<number, Pending>();
  private readonly listeners = new Set<(report: StepReport) => void>();
  private readonly costs = perKind(() => new Recent());
  private readonly busySeconds = new Recent(256);
  private readonly onnxSeconds = new Recent(256);
  private memory: EngineStats['anchors'] = { hits: 0, misses: 0, sizeBytes: 0 };
  private shared: SharedAnchors | undefined;
  private outgoing: ToThread[] = [];
  private lastId = 0;
  private end: SlipstreamError | undefined;
  private announceDeath!: (error: SlipstreamError) => void;

  constructor(private readonly parts: EngineParts) {
    ({ manifest: this.manifest, digest: this.digest, capacity: this.capacity } = parts);
    this.scorers = parts.scorers ?? [];
    this.died = new Promise((resolve) => (this.announceDeath = resolve));
    parts.thread.on('message', (messages: FromThread[]) => messages.forEach((message) => this.receive(message)));
    parts.thread.on('error', (error) => this.die(this.gone(error)));
    this.exited = new Promise((resolve) => parts.thread.on('exit', () => resolve(this.die(this.gone()))));
  }

  async submit(request: SampleRequest, { signal, onStep, onPreview, from }: SubmitOptions = {}): Promise<SampleResult> {
    const { prompt, steps, strategy, knobs } = request;
    if (!this.manifest.strategies.includes(strategy)) throw unknownStrategy(strategy, this.manifest);
    const { width, height } = this.manifest.image;
    const work: Work = { type: 'submit', request: { ...request, knobs: knobsOf(strategy, knobs ?? {}), prompt: this.parts.prompts.encode(prompt) }, from, submittedMs: nowMs(), heard: onStep !== undefined };
    const outcome = await this.ask(work, { signal, onStep: onStep && ((step, stepMap, checkpoint) => onStep({ step, steps, stepMap, checkpoint })), onPreview: onPreview && ((made) => onPreview({ ...made, width, height })) });
    if (!('picture' in outcome)) throw new TypeError('the engine thread answered a submit with no picture');
    return { ...outcome.picture, width, height };
  }

  async embed(tokens: readonly Int32Array[]): Promise<Float32Array[]> {
    const size = this.manifest.tokens.image;
    const wrong = tokens.find((picture) => picture.length !== size);
    if (wrong) throw new SlipstreamError('invalid_request', `a picture has ${size} tokens, not ${wrong.length}`, { param: 'tokens' });
    if (tokens.length === 0) return [];
    const outcome = await this.ask({ type: 'embed', tokens });
    if (!('vectors' in outcome)) throw new TypeError('the engine thread answered an embed with no vectors');
    return outcome.vectors;
  }

  async score(picture: PromptedPicture): Promise<readonly Score[]> {
    if (this.scorers.length === 0) return [];
    const outcome = await this.ask({ type: 'score', picture });
    if (!('scores' in outcome)) throw new TypeError('the engine thread answered a score with no scores');
    return outcome.scores;
  }

  on(listener: (report: StepReport) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  stats(): EngineStats {
    const rowsInUse = Math.min(this.capacity, this.pending.size);
    const busySeconds = this.busySeconds.sum;
    return {
      capacity: this.capacity,
      rowsInUse,
      waiting: this.pending.size - rowsInUse,
      outsideOnnxShare: busySeconds > 0 ? Math.max(0, 1 - this.onnxSeconds.sum / busySeconds) : 0,
      rowSeconds: perKind((kind) => this.costs[kind].median),
      anchors: this.memory,
    };
  }

  share(anchors: SharedAnchors): void {
    this.shared = anchors;
    this.post({ type: 'share' });
  }

  async close(): Promise<void> {
    this.fail(new SlipstreamError('engine_failed', 'the engine was closed'));
    this.post({ type: 'close' });
    await this.exited;
  }

  /** Sends work to the thread and waits for its outcome; an error or an abort rejects. Settles once. */
  private ask(
    work: Work,
    { signal, onStep, onPreview }: { signal?: AbortSignal | undefined } & Pick<Pending, 'onStep' | 'onPreview'> = {},
  ): Promise<Outcome> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.end) return Promise.reject(this.end);
    const id = ++this.lastId;
    const abort = (): void => this.post({ type: 'abort', id });
    signal?.addEventListener('abort', abort, { once: true });
    const answer = new Promise<Outcome>((resolve, reject) => {
      const settle = (outcome: Outcome): void => {
        if ('aborted' in outcome) reject(signal?.reason);
        else if ('error' in outcome) reject(SlipstreamError.fromReport(outcome.error));
        else resolve(outcome);
      };
      this.pending.set(id, { settle, reject, onStep, onPreview });
      this.post({ ...work, id });
    });
    return answer.finally(() => signal?.removeEventListener('abort', abort));
  }

  /** What is posted in one turn arrives in one turn, so pictures submitted together start together. */
  private post(message: ToThread): void {
    if (this.outgoing.push(message) > 1) return;
    queueMicrotask(() => this.parts.thread.postMessage(this.outgoing.splice(0)));
  }

  private receive(message: FromThread): void {
    switch (message.type) {
      case 'ready':
        return;
      case 'step':
        return message.ids.forEach((id, i) => this.pending.get(id)?.onStep?.(message.steps[i]!, message.stepMaps[i]!, message.checkpoints[i]));
      case 'preview':
        return this.pending.get(message.id)?.onPreview?.({ step: message.step, masked: message.masked, pixels: message.pixels });
      case 'finished':
        this.pending.get(message.id)?.settle(message.outcome);
        this.pending.delete(message.id);
        return;
      case 'report':
        return this.hear(message.report, message.busySeconds);
      case 'memory':
        return void (this.memory = message.memory);
      case 'wanted':
        return void this.shared?.find(message.anchor).then((features) => this.post({ type: 'anchor', anchor: message.anchor, features }));
      case 'computed':
        return void this.shared?.offer(message.anchor, message.features);
      case 'forgone':
        return void this.shared?.forgo(message.anchor);
      case 'dead':
        return this.die(SlipstreamError.fromReport(message.error));
    }
  }

  private hear(report: StepReport, busySeconds: number): void {
    if (report.shape.branches !== 1) this.costs[report.kind].add(report.seconds / report.rows); // with one it would be half the cost
    this.busySeconds.add(busySeconds);
    this.onnxSeconds.add(report.seconds);
    for (const listener of this.listeners) listener(report);
  }

  private die(error: SlipstreamError): void {
    if (this.end) return;
    this.fail(error);
    this.announceDeath(error);
    this.post({ type: 'close' });
  }

  private fail(error: SlipstreamError): void {
    this.end ??= error;
    for (const { reject } of this.pending.values()) reject(this.end);
    this.pending.clear();
  }

  private gone(cause?: unknown): SlipstreamError {
    const plan = this.parts.running.read();
    const during = plan ? `during the ${describePlan({ ...plan, rows: { length: plan.rows } })}` : 'between runs';
    return new SlipstreamError('engine_failed', `the engine thread ended ${during}`, { remedy: 'start the process again', cause });
  }
}

const perKind = <T>(make: (kind: PlanKind) => T): Record<PlanKind, T> => Object.fromEntries(PLAN_KINDS.map((kind) => [kind, make(kind)])) as Record<PlanKind, T>;

function unknownStrategy(strategy: string, { name, strategies }: BundleManifest): SlipstreamError {
  const remedy = `use ${strategies.join(' or ')}`;
  return new SlipstreamError('invalid_request', `${name} has no strategy ${strategy}`, { param: 'strategy', remedy });
}
