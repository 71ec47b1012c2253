import { cpus } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { knobsOf, SlipstreamError, strategyTable } from '@slipstream/contracts';
import { generateOne } from '@slipstream/sampler';
import { AnchorKeys } from '@slipstream/trajectories';
import { env } from 'onnxruntime-node';
import { isLarge } from './bundle.js';
import { OnnxRunner } from './onnx-runner.js';
import { scorePicture } from './picture-scores.js';
import { type FromThread, RunningPlan, type ThreadData, type ToThread } from './protocol.js';
import { reason } from './reason.js';
import { startScorer, type Scorer, type ScorerFiles } from './scorer.js';
import { ThreadAnchors } from './thread-anchors.js';
import { ThreadDesk } from './thread-desk.js';
import { WatchedRunner } from './watched-runner.js';

/*
 * The engine thread: the scheduler, the runner and all features live here, because a graph run blocks its thread.
 */

/** Of a picture that tries a strategy out; of a large bundle, where one full step takes seconds, and its own strategy alone. */
const TRIAL = { steps: 4, budget: 2 };
const LARGE_TRIAL = { steps: 2, budget: 1 };

const data = workerData as ThreadData;
const port = parentPort!;
const send = (messages: FromThread[]): void => port.postMessage(messages, messages.flatMap(transferable));

try {
  const onnx = await OnnxRunner.open(data.manifest, data.files, data.session);
  const { width, height } = data.manifest.image;
  const scorers = await Promise.all(data.scorers.map((files) => openFor(files)));
  const runner = new WatchedRunner(onnx, new RunningPlan(data.running));
  await makeTrialPictures(runner);
  const desk = new ThreadDesk({
    ...data,
    anchors: openAnchors(),
    runner,
    embed: (tokens) => onnx.embed(tokens),
    score: (picture) => scorePicture(scorers, { ...picture, width, height }),
    send,
    onClosed: () => void onnx.release().finally(() => port.close()),
  });
  port.on('message', (messages: ToThread[]) => messages.forEach((message) => desk.receive(message)));
  send([{ type: 'ready' }]);
} catch (error) {
  send([{ type: 'dead', error: SlipstreamError.from(error, 'engine_failed').toReport() }]);
}

/** Features have the same bits only where the same kernels made them: those of another provider, version or processor are others. */
function openAnchors(): ThreadAnchors | undefined {
  const { digest: bundle, session, anchors: { memoryBytes: limitBytes, scope, element } } = data;
  if (limitBytes === 0) return undefined;
  const precision = [element, session.executionProvider, `onnxruntime ${env.versions.node ?? env.versions.common}`, process.arch, cpus()[0]?.model].join(', ');
  return new ThreadAnchors({ keys: new AnchorKeys({ bundle, precision }), scope, limitBytes, send });
}

/** Opens a scorer for the bundle's pictures. Throws `configuration_invalid` naming it when it judges another size. */
async function openFor(files: ScorerFiles): Promise<Scorer> {
  const [{ name, image }, own] = [files.manifest, data.manifest.image];
  if (image.width === own.width && image.height === own.height) return startScorer(files, data.session);
  const fault = `the scorer ${name} judges pictures of ${image.width}x${image.height}, ${data.manifest.name} makes ${own.width}x${own.height}`;
  throw new SlipstreamError('configuration_invalid', fault, { param: 'SCORERS', remedy: 'name scorers of that size in SCORERS, or none' });
}

/**
 * A short picture with each strategy: whoever is told "ready" has seen every graph run, and memory is laid out. Of a large
 * bundle with its own strategy: what others need is opened when they are first asked for.
 */
async function makeTrialPictures(runner: WatchedRunner): Promise<void> {
  const { sampling, prompt, strategies } = data.manifest;
  const ids = new Int32Array(prompt.length).fill(prompt.pad);
  const large = isLarge(data.manifest);
  const trial = large ? LARGE_TRIAL : TRIAL;
  for (const strategy of large ? [sampling.strategy] : strategies) {
    const steps = strategyTable[strategy].oneStep ? 1 : Math.min(trial.steps, sampling.steps);
    try {
      await generateOne(runner, { ...sampling, prompt: ids, seed: 0, strategy, steps, budget: Math.min(trial.budget, steps), knobs: knobsOf(strategy) });
    } catch (cause) {
      const remedy = 'export the bundle again';
      throw new SlipstreamError('bundle_invalid', `the graphs do not run: ${strategy}: ${reason(cause)}`, { remedy, cause });
    }
  }
}

function transferable(message: FromThread): ArrayBuffer[] {
  if (message.type === 'preview') return [message.pixels.buffer as ArrayBuffer];
  if (message.type !== 'finished' || !('picture' in message.outcome)) return [];
  return [message.outcome.picture.pixels.buffer as ArrayBuffer];
}
