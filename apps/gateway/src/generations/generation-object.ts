import { countSteps, wireFallback, wireKnobs, type BundleManifest, type GenerationJob, type GenerationObject, type GenerationRecord, type PictureDatum } from '@slipstream/contracts';
import { usageOf } from './usage.js';

type Manifest = Pick<BundleManifest, 'image' | 'tokens' | 'prompt'>;

/**
 * A generation as `/v1/generations` shows it, after OpenAI's video jobs: times in Unix seconds, progress in percent,
 * and the step reached. `data` is null until it is completed.
 */
export function generationObject(record: GenerationRecord, { manifest, data }: { manifest: Manifest; data: PictureDatum[] | null }): GenerationObject {
  const { settings, provenance, error } = record;
  const stepMap = provenance?.step_map ?? record.stepMap;
  const { strategy, steps, budget, knobs, guidance, temperature } = settings;
  return {
    id: record.id,
    object: 'generation',
    status: record.status,
    progress: Math.floor((100 * record.step) / record.steps),
    step: record.step,
    steps: record.steps,
    step_map: stepMap ?? null,
    step_counts: stepMap === undefined ? null : wireCounts(stepMap),
    created_at: seconds(record.createdAtMs),
    started_at: seconds(record.startedAtMs),
    completed_at: seconds(record.endedAtMs),
    expires_at: seconds(record.expiresAtMs),
    model: settings.model,
    prompt: settings.prompt,
    n: settings.n,
    seed: settings.seed,
    size: `${manifest.image.width}x${manifest.image.height}`,
    output_format: settings.outputFormat,
    output_compression: settings.outputCompression,
    background: settings.background,
    acceleration: { strategy, steps, budget, ...wireKnobs(knobs), guidance, temperature, ...wireFallback(settings) },
    data,
    usage: data && usageOf(settings, manifest),
    slipstream: provenance ?? null,
    error: error ? { code: error.code, message: error.message, param: error.param ?? null } : null,
  };
}

function wireCounts(stepMap: string): GenerationObject['step_counts'] {
  const { fullSteps: full, shortcutSteps: shortcut, partialSteps: partial } = countSteps(stepMap);
  return { full, shortcut, partial };
}

/** The record of a job that was just put into the queue. */
export function freshRecord({ id, tenant, createdAtMs, settings }: GenerationJob): GenerationRecord {
  return { id, tenant, status: 'queued', step: 0, steps: settings.steps, createdAtMs, settings, pictures: [], losses: 0, repeatedSteps: 0 };
}

const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : Math.floor(ms / 1000));
