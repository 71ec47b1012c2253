import { createHash } from 'node:crypto';
import { SlipstreamError, type StepCounts } from '@slipstream/contracts';
import { differenceHash, type Pixels } from './difference-hash.js';
import type { Sample } from './sample.js';
import type { Kept, Spill } from './spill.js';

/** A picture that was made, as a maker hands it over. */
export interface MadePicture extends Pixels, StepCounts {
  /** The bytes of its file. */
  readonly file: Uint8Array;
  /** In points of 100, where a score was asked for. */
  readonly score?: number;
}

/** What became of one sample. The pixels are gone; what filters need of them is kept. */
export type Outcome = { readonly sample: Sample } & (
  | { readonly made: MadeFile }
  | { readonly failed: { readonly reason: string; readonly message: string } }
);

export interface MadeFile extends Omit<MadePicture, 'pixels' | 'file'> {
  readonly file: Kept;
  readonly sha256: string;
  /** sha256 of width, height and RGBA. */
  readonly pixelsSha256: string;
  readonly differenceHash: string;
}

/**
 * Makes the picture of one sample: the same bytes for the same sample, whatever else is being made. A SlipstreamError that
 * the same sample would meet again is the sample's own failure; anything else ends the run.
 */
export type PictureMaker = (sample: Sample, options: { readonly signal: AbortSignal }) => Promise<MadePicture>;

/** Has a sample made and puts its file aside, or says why it cannot be. */
export async function outcomeOf(sample: Sample, { make, spill, signal }: { make: PictureMaker; spill: Pick<Spill, 'keep'>; signal: AbortSignal }): Promise<Outcome> {
  if (sample.fault !== undefined) return { sample, failed: { reason: 'faulty_row', message: sample.fault } };
  try {
    return { sample, made: await described(await make(sample, { signal }), spill) };
  } catch (error) {
    if (signal.aborted || !(error instanceof SlipstreamError) || error.httpStatus >= 500 || error.retryable) throw error;
    return { sample, failed: { reason: error.code, message: error.message } };
  }
}

async function described({ pixels, file, ...made }: MadePicture, spill: Pick<Spill, 'keep'>): Promise<MadeFile> {
  const { width, height } = made;
  return {
    ...made,
    file: await spill.keep(file),
    sha256: createHash('sha256').update(file).digest('hex'),
    pixelsSha256: createHash('sha256').update(`${width}x${height}:`).update(pixels).digest('hex'),
    differenceHash: differenceHash({ width, height, pixels }),
  };
}
