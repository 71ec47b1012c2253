import { countSteps, SlipstreamError, type Checkpoint } from '@slipstream/contracts';
import { PlanCrashed, StepEngine, type RunLimits, type RunResult, type StepPlan, type Trajectory } from '@slipstream/sampler';
import { Recent } from '@slipstream/trajectories';
import { nowMs } from './now.js';
import { Outbox } from './outbox.js';
import type { FromThread, Outcome, Picture, ToThread } from './protocol.js';
import type { PromptedPicture, Score } from './picture-scores.js';
import { speedupOf } from './speedup.js';
import type { ThreadAnchors } from './thread-anchors.js';
import type { WatchedRunner } from './watched-runner.js';

export interface ThreadDeskOptions {
  readonly runner: WatchedRunner;
  readonly embed: (tokens: readonly Int32Array[]) => Promise<Float32Array[]>;
  readonly score: (picture: PromptedPicture) => Promise<readonly Score[]>;
  readonly send: (messages: FromThread[]) => void;
  readonly capacity: number;
  readonly limits: RunLimits;
  /** Without them nothing is remembered. */
  readonly anchors?: ThreadAnchors | undefined;
  /** Called once after `close`, when no run is under way any more. */
  readonly onClosed: () => void;
}

/** The engine thread's side of the protocol: messages in, the step engine's work, messages out. */
export class ThreadDesk {
  private readonly engine: StepEngine;
  private readonly outbox: Outbox;
  private readonly aborts = new Map<number, AbortController>();
  private readonly work = new Set<Promise<void>>();
  private readonly told = new WeakMap<Trajectory, Checkpoint>();
  private readonly ids = new WeakMap<Trajectory['request'], number>();
  /** Those whose steps somebody wants to know; to tell them all would cost more than a small step. */
  private readonly heard = new WeakSet<Trajectory['request']>();
  /** By the number of branches. */
  private readonly fullSeconds = [new Recent(), new Recent(), new Recent()];
  private wokenMs = nowMs();
  private closing = false;

  constructor(private readonly options: ThreadDeskOptions) {
    const { runner, capacity, limits, anchors, send } = options;
    this.outbox = new Outbox(send);
    this.engine = new StepEngine(runner, { capacity, limits, anchors, onRun: (plan, result) => this.report(plan, result) });
  }

  receive(message: ToThread): void {
    switch (message.type) {
      case 'submit':
        return this.track(this.submit(message));
      case 'abort':
        return this.aborts.get(message.id)?.abort();
      case 'embed':
        return this.track(this.embed(message));
      case 'score':
        return this.track(this.score(message));
      case 'share':
      case 'anchor':
        if (this.options.runner.idle) this.wokenMs = nowMs(); // rows waited, the engine was not busy
        return this.options.anchors?.receive(message);
      case 'close':
        return void this.close();
    }
  }

  private track(work: Promise<void>): void {
    this.work.add(work);
    void work.finally(() => this.work.delete(work));
  }

  private async close(): Promise<void> {
    if (this.closing) return;
    this.closing = true;
    for (const controller of this.aborts.values()) controller.abort();
    await Promise.allSettled(this.work);
    this.options.onClosed();
  }

  private async submit({ id, request, from, submittedMs, heard }: Extract<ToThread, { type: 'submit' }>): Promise<void> {
    if (this.aborts.size === 0) this.wokenMs = nowMs();
    const controller = new AbortController();
    this.aborts.set(id, controller);
    this.ids.set(request, id);
    if (heard) this.heard.add(request);
    const outcome = await this.engine.submit(request, { signal: controller.signal, from }).then(
      (trajectory): Outcome => ({ picture: this.picture(trajectory, submittedMs) }),
      (error: unknown) => this.failure(error, controller.signal),
    );
    this.aborts.delete(id);
    this.finish(id, outcome);
  }

  private async embed({ id, tokens }: Extract<ToThread, { type: 'embed' }>): Promise<void> {
    const outcome = await this.options.embed(tokens).then(
      (vectors): Outcome => ({ vectors: vectors.map((vector) => vector.slice()) }),
      (error: unknown): Outcome => ({ error: SlipstreamError.from(error, 'engine_failed').toReport() }),
    );
    this.finish(id, outcome);
  }

  private async score({ id, picture }: Extract<ToThread, { type: 'score' }>): Promise<void> {
    const outcome = await this.options.score(picture).then(
      (scores): Outcome => ({ scores }),
      (error: unknown): Outcome => ({ error: SlipstreamError.from(error, 'engine_failed').toReport() }),
    );
    this.finish(id, outcome);
  }

  private failure(error: unknown, signal: AbortSignal): Outcome {
    if (!(error instanceof PlanCrashed)) {
      return signal.aborted ? { aborted: true } : { error: SlipstreamError.from(error, 'engine_failed').toReport() };
    }
    const crash = new SlipstreamError('engine_failed', error.message, { cause: error }).toReport();
    this.options.send([{ type: 'dead', error: crash }]);
    return { error: crash };
  }

  private finish(id: number, outcome: Outcome): void {
    if (this.options.anchors) this.outbox.add({ type: 'memory', memory: this.options.anchors.reading });
    this.outbox.add({ type: 'finished', id, outcome });
    this.outbox.flush();
  }

  /** Pixels are copied out of the batch that they were decoded in: they leave this thread. */
  private picture(trajectory: Trajectory, submittedMs: number): Picture {
    const { request, tokens, revealedAt, spent, steps, stepsBefore, prompts, stepMap, remembered } = trajectory;
    const startedMs = this.options.runner.startedMs(trajectory);
    return {
      pixels: trajectory.pixels!.slice(),
      promptIds: request.prompt,
      tokens,
      revealedAt,
      stepMap,
      ...countSteps(stepMap),
      remembered,
      seconds: { waiting: Math.max(0, startedMs - submittedMs) / 1000, engine: (nowMs() - startedMs) / 1000 },
      speedup: speedupOf(spent, { steps: steps - stepsBefore, fullSeconds: this.fullSeconds[prompts.length]!.median }),
    };
  }

  /** A row's checkpoint, once. */
  private newCheckpoint(row: Trajectory): Checkpoint | undefined {
    const { lastCheckpoint } = row;
    if (lastCheckpoint === undefined || this.told.get(row) === lastCheckpoint) return undefined;
    this.told.set(row, lastCheckpoint);
    return lastCheckpoint;
  }

  /** Of a row that a decode did not finish; one that was aborted meanwhile has none. */
  private preview({ request, previews, maskMap: masked }: Trajectory): void {
    const id = this.ids.get(request)!;
    if (this.aborts.get(id)?.signal.aborted) return;
    const { step, pixels } = previews!.latest!;
    this.outbox.add({ type: 'preview', id, step, masked, pixels: pixels.slice() });
  }

  private tell(rows: readonly Trajectory[]): void {
    if (rows.length === 0) return;
    this.outbox.add({ type: 'step', ids: rows.map((row) => this.ids.get(row.request)!), steps: rows.map((row) => row.step), stepMaps: rows.map((row) => row.stepMap), checkpoints: rows.map((row) => this.newCheckpoint(row)) });
  }

  private report({ kind, rows, shape }: StepPlan<Trajectory>, { seconds }: RunResult): void {
    if (kind === 'full') this.fullSeconds[shape.branches]!.add(seconds / rows.length);
    if (kind === 'decode') {
      for (const row of rows) if (!row.settled) this.preview(row);
    } else {
      this.tell(rows.filter(({ request }) => this.heard.has(request)));
    }
    const now = nowMs();
    const busySeconds = (now - this.wokenMs) / 1000;
    this.wokenMs = now;
    this.outbox.add({ type: 'report', report: { kind, rows: rows.length, shape, seconds }, busySeconds });
  }
}
