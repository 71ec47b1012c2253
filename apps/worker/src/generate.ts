import type { GenerationJob, StoredPicture } from '@slipstream/contracts';
import { pictureKey, pictureText, SlipstreamError } from '@slipstream/contracts';
import type { WorkerMetrics } from '@slipstream/metrics';
import { contentTypes, encodePicture } from '@slipstream/pictures';
import type { GenerationResult, JobContext } from '@slipstream/queue';
import type { Engine, SampleResult } from '@slipstream/runtime';
import type { ObjectStore } from '@slipstream/storage';
import { provenanceOf, type Making } from './provenance-of.js';
import { Previewer } from './previewer.js';
import { sample, type Part } from './sample.js';
import type { KnownPicture, StoredResults } from './stored-results.js';

export interface GenerateParts {
  readonly engine: Pick<Engine, 'submit' | 'digest' | 'manifest'>;
  readonly store: Pick<ObjectStore, 'put'>;
  readonly metrics: Pick<WorkerMetrics, 'pictures' | 'pictureBytes' | 'speedup' | 'cacheRequests'>;
  /** Where pictures that were made before are found; without it every picture is made. */
  readonly results?: Pick<StoredResults, 'find' | 'note'> | undefined;
  /** Hears of every picture that was made and stored. */
  readonly onPicture?: (picture: MadePicture) => void;
}

/** A picture of a job that was made and stored. */
export interface MadePicture {
  readonly job: GenerationJob;
  /** Of its job's. */
  readonly index: number;
  readonly result: SampleResult;
}

interface Made {
  readonly picture: StoredPicture;
  readonly result: Making;
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
  let inEngine = job.settings.n;
  const onSampled = (): void => {
    if (--inEngine === 0) context.leaveCompany();
  };
  const making = Array.from({ length: job.settings.n }, (_, index) => makePicture({ job, index, context, signal }, { ...parts, onSampled }));
  const made = await Promise.all(making).catch(async (error: unknown) => {
    failed.abort(error);
    await Promise.allSettled(making);
    throw error;
  });
  const whole = made.filter((picture) => picture !== 'left');
  if (whole.length < made.length) throw context.leaving.reason;
  const provenance = provenanceOf(job, { digest: engine.digest, queuedSeconds: context.queuedSeconds, results: whole.map(({ result }) => result) });
  if (provenance.speedup.measured && provenance.cache.result !== 'hit') metrics.speedup.observe({ strategy: provenance.strategy }, provenance.speedup.value);
  metrics.cacheRequests.inc({ result: provenance.cache.result });
  return { pictures: whole.map(({ picture }) => picture), provenance };
}

async function makePicture(part: Part, parts: GenerateParts & { onSampled: () => void }): Promise<Made | 'left'> {
  const { job: { settings }, index, signal } = part;
  const { engine, onPicture, onSampled, results: kept } = parts;
  const results = settings.cache === 'off' ? undefined : kept;
  const of = { settings, seed: settings.seed + index };
  const known = settings.seedDrawn ? undefined : await results?.find(of, signal);
  const previewer = settings.previews ? new Previewer(part) : undefined;
  const result = known ? undefined : await sample(part, { engine, seed: of.seed, onPreview: previewer?.show });
  if (result === 'left') return 'left';
  onSampled();
  if (!result) return { picture: await storePicture(part, known!.bytes, parts), result: recalled(known!) };
  const { outputFormat: format, outputCompression: compression, background } = settings;
  const text = pictureText(settings, { ...result, bundle: engine.digest, seed: of.seed });
  const bytes = await encodePicture(result, { format, background, compression, text });
  const noted = results?.note(of, { key: keyOf(part), bytes, made: result }); // beside the picture, not after it: until both are there it is a miss
  const picture = await storePicture(part, bytes, parts);
  await Promise.all([noted, previewer?.shown()]);
  onPicture?.({ job: part.job, index, result });
  return { picture, result };
}

const keyOf = ({ job: { id, settings }, index }: Part): string => pictureKey(id, index, settings);

/** A picture that was made before took no time now. */
const recalled = ({ made }: KnownPicture): Making => ({ ...made, remembered: 0, seconds: { waiting: 0, engine: 0 }, recalled: true });

/** A copy of its own even for a picture that is there already: it then lives and dies with its own generation. */
async function storePicture(part: Part, bytes: Uint8Array, { store, metrics }: GenerateParts): Promise<StoredPicture> {
  const { job: { settings: { seed, outputFormat: format } }, index, signal } = part;
  const [key, contentType] = [keyOf(part), contentTypes[format]];
  await store.put(key, bytes, { contentType, signal });
  metrics.pictures.inc({ format });
  metrics.pictureBytes.inc({ format }, bytes.byteLength);
  return { key, seed: seed + index, contentType, bytes: bytes.byteLength };
}

/** A job made for another bundle, as while bundles are changed over. */
function requireModel({ settings }: GenerationJob, name: string): void {
  if (settings.model === name) return;
  throw new SlipstreamError('model_not_found', `this worker serves ${name}, not ${settings.model}`, {
    param: 'model',
    remedy: 'start gateway and workers with the same BUNDLE',
  });
}
