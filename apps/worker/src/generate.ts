import type { GenerationJob, StoredPicture } from '@slipstream/contracts';
import { pictureText, SlipstreamError } from '@slipstream/contracts';
import type { WorkerMetrics } from '@slipstream/metrics';
import { contentTypes, encodePicture } from '@slipstream/pictures';
import type { GenerationResult, JobContext } from '@slipstream/queue';
import type { Engine, SampleResult } from '@slipstream/runtime';
import type { ObjectStore } from '@slipstream/storage';
import { provenanceOf } from './provenance-of.js';
import type { StoredForUser } from './quality/quality-watch.js';
import { sample, type Part } from './sample.js';

export interface GenerateParts {
  readonly engine: Pick<Engine, 'submit' | 'digest' | 'manifest'>;
  readonly store: Pick<ObjectStore, 'put'>;
  readonly metrics: Pick<WorkerMetrics, 'pictures' | 'pictureBytes' | 'speedup' | 'cacheRequests'>;
  /** Hears of every picture that was stored. */
  readonly onPicture?: (picture: StoredForUser) => void;
}

interface Made {
  readonly picture: StoredPicture;
  readonly result: SampleResult;
}

/**
 * The work of one job: its pictures through the engine, all at once, each encoded and stored as soon as it is done.
 * Keys come from the job's id alone, so a second run over the same job writes the same bytes to the same places.
 * The first failure stops the other pictures; on `leaving` each stops at its next checkpoint and the rest is left.
 */
export async function generate(job: GenerationJob, context: JobContext, parts: GenerateParts): Promise<GenerationResult> {
  const { engine, metrics } = parts;
  requireModel(job, engine.manifest.name);
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const making = Array.from({ length: job.settings.n }, (_, index) => makePicture({ job, index, context, signal }, parts));
  const made = await Promise.all(making).catch(async (error: unknown) => {
    failed.abort(error);
    await Promise.allSettled(making);
    throw error;
  });
  const whole = made.filter((picture) => picture !== 'left');
  if (whole.length < made.length) throw context.leaving.reason;
  const provenance = provenanceOf(job, { digest: engine.digest, queuedSeconds: context.queuedSeconds, results: whole.map(({ result }) => result) });
  if (provenance.speedup.measured) metrics.speedup.observe({ strategy: provenance.strategy }, provenance.speedup.value);
  metrics.cacheRequests.inc({ result: provenance.cache.result });
  return { pictures: whole.map(({ picture }) => picture), provenance };
}

async function makePicture(part: Part, { engine, store, metrics, onPicture }: GenerateParts): Promise<Made | 'left'> {
  const { job, index, signal } = part;
  const { outputFormat, outputCompression, background } = job.settings;
  const seed = job.settings.seed + index;
  const result = await sample(part, { engine, seed });
  if (result === 'left') return 'left';
  const text = pictureText(job.settings, { ...result, bundle: engine.digest, seed });
  const bytes = await encodePicture(result, { format: outputFormat, background, compression: outputCompression, text });
  const key = `pictures/${job.id}/${index}.${outputFormat}`;
  const contentType = contentTypes[outputFormat];
  await store.put(key, bytes, { contentType, signal });
  metrics.pictures.inc({ format: outputFormat });
  metrics.pictureBytes.inc({ format: outputFormat }, bytes.byteLength);
  onPicture?.({ job, index, pixels: result.pixels });
  return { picture: { key, seed, contentType, bytes: bytes.byteLength }, result };
}

/** A job made for another bundle, as while bundles are changed over. */
function requireModel({ settings }: GenerationJob, name: string): void {
  if (settings.model === name) return;
  throw new SlipstreamError('model_not_found', `this worker serves ${name}, not ${settings.model}`, {
    param: 'model',
    remedy: 'start gateway and workers with the same BUNDLE',
  });
}
