import './no-telemetry.js';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { SlipstreamError } from '@slipstream/contracts';
import { graphFiles, isLarge, loadBundle } from './bundle.js';
import type { Engine, EngineOptions } from './engine.js';
import { EngineClient } from './engine-client.js';
import { describeScorer } from './picture-scores.js';
import { promptEncoder } from './prompt-encoder.js';
import { type FromThread, RunningPlan, type ThreadData } from './protocol.js';
import { runLimits } from './run-limits.js';
import { loadScorer } from './scorer.js';

/**
 * Loads a bundle into an engine thread and makes one trial picture there, so that a returned engine works. Rejects with
 * SlipstreamError `bundle_invalid` naming the file, or `configuration_invalid` naming the key, each with the remedy.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { bundleDir, executionProvider = 'cpu', threads = availableParallelism(), capacity = 16, anchors } = options;
  requireCount('ENGINE_THREADS', threads);
  requireCount('ENGINE_CAPACITY', capacity);
  const bundle = await loadBundle(bundleDir);
  const prompts = promptEncoder(bundle);
  const scorers = await Promise.all((options.scorerDirs ?? []).map((dir) => loadScorer(dir)));
  const described = scorers.map(describeScorer); // refuses a reference of another scorer before there is a thread to end
  const running = new RunningPlan();
  const limits = runLimits({ capacity, executionProvider, rowsPerRun: options.rowsPerRun, large: isLarge(bundle.manifest) });
  const thread = await startThread({
    manifest: bundle.manifest,
    digest: bundle.digest,
    files: graphFiles(bundle),
    session: { executionProvider, threads },
    capacity,
    limits,
    anchors: { memoryBytes: 64 * 2 ** 20, scope: 'first', element: 'fp32', ...anchors },
    scorers,
    running: running.memory,
  });
  const { manifest, digest } = bundle;
  return new EngineClient({ thread, manifest, digest, prompts, capacity, running, scorers: described });
}

/** Resolves when the thread is ready for work; one that failed to load ends of itself. */
async function startThread(workerData: ThreadData): Promise<Worker> {
  const thread = new Worker(new URL('./engine-thread.js', import.meta.url), { workerData, name: 'slipstream engine' });
  const failure = await new Promise<SlipstreamError | undefined>((resolve) => {
    const ended = (cause?: unknown): void => resolve(new SlipstreamError('engine_failed', 'the engine thread ended while loading', { cause }));
    thread.once('error', ended).once('exit', ended);
    thread.once('message', ([message]: FromThread[]) => resolve(message?.type === 'dead' ? SlipstreamError.fromReport(message.error) : undefined));
  });
  if (failure !== undefined) throw failure;
  return thread;
}


function requireCount(param: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new SlipstreamError('configuration_invalid', `${param} must be a whole number of at least 1, not ${value}`, { param });
}
