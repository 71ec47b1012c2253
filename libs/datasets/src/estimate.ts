import type { DatasetPlan } from '@slipstream/contracts';
import { sampleCount } from './sample.js';

/** What pictures of a plan take, as somebody measured it: one engine by making some, or a fleet by what it made of late. Nobody measured what is undefined. */
export interface MeasuredCosts {
  /** Seconds of a device for one row of a run, mean, by kind of run. */
  readonly rowSeconds: Readonly<Record<string, number | undefined>>;
  /** Rows that a picture takes, by kind; undefined where nobody can tell beforehand. */
  readonly rowsPerPicture: Readonly<Record<string, number>> | undefined;
  /** Of a picture's file, mean. */
  readonly fileBytes: number | undefined;
  /** Device-seconds of this data set that get done in a second on the clock; 0: none do. */
  readonly devices: number | undefined;
}

/** What a plan will take. undefined where it would be a guess. */
export interface Estimate<Figure = number | undefined> {
  /** Of all tars. */
  readonly bytes: Figure;
  /** In the graphs, all pictures. */
  readonly deviceSeconds: Figure;
  /** On the clock, until what is not done is done. */
  readonly seconds: Figure;
}

/** Members of a tar beside the picture: its text and JSON, and headers and padding of all three. */
const bytesBeside = 3 * 512 + 512 + 1024;
/** A member is filled up to whole blocks of 512 bytes: half of one, as a rule. */
const meanPadding = 256;

/** Reckons from what was measured. `samplesDone`: of the shards that are written; default 0. Rows that are no prompts cost nothing. */
export function estimateDataset(plan: DatasetPlan, { rowSeconds, rowsPerPicture, fileBytes, devices }: MeasuredCosts, { samplesDone = 0 }: { samplesDone?: number } = {}): Estimate {
  const pictures = (plan.prompts.count - plan.prompts.faulty) * plan.picturesPerPrompt;
  const each = rowsPerPicture && pictureSeconds(rowSeconds, rowsPerPicture);
  const deviceSeconds = each === undefined ? undefined : pictures * each;
  const left = 1 - samplesDone / sampleCount(plan);
  return {
    bytes: fileBytes === undefined ? undefined : Math.round(pictures * (fileBytes + meanPadding + bytesBeside)),
    deviceSeconds,
    seconds: deviceSeconds === undefined || !devices ? undefined : (left * deviceSeconds) / devices,
  };
}

function pictureSeconds(rowSeconds: MeasuredCosts['rowSeconds'], rowsPerPicture: Readonly<Record<string, number>>): number | undefined {
  let total = 0;
  for (const [kind, rows] of Object.entries(rowsPerPicture)) {
    const seconds = rowSeconds[kind];
    if (rows > 0 && seconds === undefined) return undefined;
    total += rows * (seconds ?? 0);
  }
  return total;
}

/** How the pictures of a plan are encoded, in a word: files of one encoding are of like size. */
export function encodingOf({ outputFormat, outputCompression, background }: Pick<DatasetPlan['settings'], 'outputFormat' | 'outputCompression' | 'background'>): string {
  return outputFormat === 'png' ? `png-${background}` : `${outputFormat}-${outputCompression}-${background}`;
}
