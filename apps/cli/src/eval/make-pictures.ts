import type { Engine } from '@slipstream/runtime';
import type { Progress } from '../progress.js';
import { sampleMany } from '../sample-many.js';
import type { Arm } from './arm.js';
import type { LoggedPicture, PictureLog } from './picture-log.js';
import { RERUN_SEEDS, type Subject } from './subject.js';

export interface MakeOptions {
  readonly arms: readonly Arm[];
  readonly subjects: readonly Subject[];
  readonly log: PictureLog;
  /** In steps. */
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** One arm's pictures, in the order of the subjects. */
export type Pictures = readonly LoggedPicture[];

/** Makes what is missing in the log and gives all of it, by arm. */
export async function makePictures(engine: Engine, { arms, subjects, log, progress, signal }: MakeOptions): Promise<Map<string, Pictures>> {
  const made = new Map<string, Pictures>();
  for (const arm of arms) {
    const known = await log.read(arm.id);
    progress.advance(known.size * arm.sampling.steps);
    const missing = [...subjects.keys()].filter((subject) => !known.has(subject));
    const requests = missing.map((i) => ({ prompt: subjects[i]!.prompt, seed: seedOf(arm, subjects[i]!), ...arm.sampling }));
    const writes: Promise<void>[] = [];
    await sampleMany(engine, requests, {
      signal,
      onDone: ({ tokens, fullSteps, shortcutSteps, partialSteps }, i) => {
        const picture = { subject: missing[i]!, tokens: [...tokens], fullSteps, shortcutSteps, partialSteps };
        known.set(picture.subject, picture);
        writes.push(log.add(arm.id, picture));
        progress.advance(arm.sampling.steps);
      },
    });
    await Promise.all(writes);
    made.set(arm.id, subjects.map((_, i) => known.get(i)!));
  }
  return made;
}

const seedOf = ({ rerun }: Arm, { seed }: Subject): number => seed + (rerun ? RERUN_SEEDS : 0);
