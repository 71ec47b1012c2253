import { SlipstreamError, type BundleManifest, type GenerationRecord, type GenerationRequest, type ImagesAnswer, type PictureDatum } from '@slipstream/contracts';
import { usageOf } from '../generations/usage.js';

type Made = { readonly request: GenerationRequest; readonly data: PictureDatum[]; readonly manifest: Pick<BundleManifest, 'image' | 'tokens' | 'prompt'> };

/** The answer of OpenAI's Images API, with our `id` and `slipstream` beside its members. */
export function imagesAnswer({ id, createdAtMs, settings, provenance }: GenerationRecord, { request, data, manifest }: Made): ImagesAnswer {
  return {
    created: Math.floor(createdAtMs / 1000),
    data,
    output_format: settings.outputFormat,
    size: `${manifest.image.width}x${manifest.image.height}`,
    quality: request.quality,
    background: settings.background,
    usage: usageOf(settings, manifest),
    id,
    slipstream: provenance,
  };
}

/** @throws SlipstreamError for a generation that ended without pictures: its own error, or what became of it. */
export function checkCompleted({ id, status, error }: GenerationRecord): void {
  if (status === 'completed') return;
  if (error) throw SlipstreamError.fromReport(error);
  throw status === 'expired'
    ? new SlipstreamError('generation_expired', `generation ${id} was not started in time`, { remedy: 'send it again' })
    : new SlipstreamError('generation_cancelled', `generation ${id} was cancelled before its pictures were made`, { remedy: 'send it again' });
}
