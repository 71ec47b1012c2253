import { z } from 'zod';
import { acceleration } from './generation-request.js';
import { sampling } from './generation-settings.js';
import { tenantId } from './tenant.js';

const timeMs = z.int().nonnegative();

/** One way of making pictures: as it was asked for, and what that came to when the study was made. */
const studyArm = z.object({ name: z.string(), acceleration, sampling });
export type StudyArm = z.infer<typeof studyArm>;

/** Candidates held against a baseline by people who do not know which picture is whose. Nothing of it changes once it is made. */
export const study = z.object({
  /** `study_…` */
  id: z.string(),
  tenant: tenantId,
  name: z.string(),
  /** Name and digest of the bundle that its pictures are of. */
  model: z.string(),
  bundle: z.string(),
  prompts: z.array(z.string()).min(1),
  seeds: z.array(z.int().nonnegative()).min(1),
  baseline: studyArm,
  candidates: z.array(studyArm).min(1),
  /** What of an even preference may be lost, 0 to 0.5; declared before the first vote. */
  margin: z.number(),
  /** For each candidate. */
  votesWanted: z.int().positive(),
  createdAtMs: timeMs,
});
export type Study = z.infer<typeof study>;

/** One candidate beside the baseline, at one prompt and seed. */
export const studyPair = z.object({
  /** Index among the candidates. */
  candidate: z.int().nonnegative(),
  /** Index among the prompts. */
  prompt: z.int().nonnegative(),
  seed: z.int().nonnegative(),
});
export type StudyPair = z.infer<typeof studyPair>;

export const sides = ['left', 'right'] as const;
export type Side = (typeof sides)[number];

/** A pair as it was shown to somebody, once. */
export const ballot = studyPair.extend({ /** Where the candidate was. */ candidateSide: z.enum(sides) });
export type Ballot = z.infer<typeof ballot>;

export const choices = ['left', 'tie', 'right'] as const;
export type Choice = (typeof choices)[number];

/** What somebody said of a ballot. */
export const studyVote = ballot.extend({
  choice: z.enum(choices),
  /** Whoever voted, by a name of their own. */
  voter: z.string().optional(),
  atMs: timeMs,
});
export type StudyVote = z.infer<typeof studyVote>;

/** Of the candidate. */
export const outcomes = ['win', 'tie', 'loss'] as const;
export type Outcome = (typeof outcomes)[number];

export function outcomeOf({ choice, candidateSide }: Pick<StudyVote, 'choice' | 'candidateSide'>): Outcome {
  if (choice === 'tie') return 'tie';
  return choice === candidateSide ? 'win' : 'loss';
}
