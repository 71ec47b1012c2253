import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { strategyNames, type BundleManifest } from '@slipstream/contracts';
import { FakeModelRunner, TINY_MODEL } from '@slipstream/sampler/testing';
import type { StepPlan } from '@slipstream/sampler';
import { AnchorKeys } from '@slipstream/trajectories';
import { EngineClient } from '../engine-client.js';
import { type FromThread, RunningPlan, type ToThread } from '../protocol.js';
import { runLimits } from '../run-limits.js';
import { ThreadAnchors } from '../thread-anchors.js';
import { ThreadDesk } from '../thread-desk.js';
import { WatchedRunner } from '../watched-runner.js';

const manifest = {
  name: 'fake',
  image: { width: 4, height: 1, channels: 4 },
  tokens: { image: TINY_MODEL.imageTokens },
  strategies: strategyNames,
} as unknown as BundleManifest;

/**
 * Both sides of the protocol in one thread, around a fake model: messages are cloned as between threads, and a run takes
 * a turn of the event loop as ONNX Runtime's does.
 */
export class PairedEngine extends EventEmitter {
  readonly client: EngineClient;
  readonly runner: FakeModelRunner;
  closings = 0;
  private readonly desk: ThreadDesk;
  private readonly running = new RunningPlan();

  constructor(beforeRun: (plan: StepPlan) => void | Promise<void> = () => undefined, capacity = 4, memoryBytes = 0) {
    super();
    const keys = new AnchorKeys({ bundle: 'fake', precision: 'fake' });
    const send = (messages: FromThread[]): void => void setImmediate(() => this.emit('message', structuredClone(messages)));
    const anchors = memoryBytes > 0 ? new ThreadAnchors({ keys, scope: 'first', limitBytes: memoryBytes, send }) : undefined;
    this.runner = new FakeModelRunner(TINY_MODEL, async (plan) => {
      await new Promise((resolve) => setImmediate(resolve));
      await beforeRun(plan);
    });
    this.desk = new ThreadDesk({
      runner: new WatchedRunner(this.runner, this.running),
      embed: (tokens) => Promise.resolve(tokens.map((picture) => Float32Array.from(picture))),
      score: () => Promise.resolve([]),
      send,
      capacity,
      limits: runLimits({ capacity, executionProvider: 'cuda' }),
      anchors,
      onClosed: () => this.exit(),
    });
    const prompts = { encode: (prompt: string) => new Int32Array(TINY_MODEL.promptLength).fill(prompt.length) };
    const thread = this as unknown as Worker;
    this.client = new EngineClient({ thread, manifest, digest: 'digest', prompts, capacity, running: this.running });
  }

  postMessage(messages: ToThread[]): void {
    setImmediate(() => structuredClone(messages).forEach((message) => this.desk.receive(message)));
  }

  private exit(): void {
    this.closings += 1;
    setImmediate(() => this.emit('exit', 0));
  }
}
