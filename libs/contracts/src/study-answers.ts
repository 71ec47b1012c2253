import { z } from 'zod';
import { acceleration } from './generation-request.js';
import { choices, outcomes, sides } from './study.js';

const unixSeconds = z.int().nonnegative();
const arm = z.object({ name: z.string(), acceleration });
const progress = {
  votes: z.int().nonnegative().meta({ description: 'That count, over all candidates' }),
  votes_wanted: z.int().positive().meta({ description: 'Over all candidates' }),
};

/** A study as its tenant sees it. */
export const studyObject = z.object({
  id: z.string(),
  object: z.literal('study'),
  status: z.enum(['open', 'completed']),
  name: z.string(),
  model: z.string(),
  bundle: z.string().meta({ description: 'SHA-256 of the bundle’s manifest; with another one no more pairs are shown' }),
  prompts: z.array(z.string()),
  seeds: z.array(z.int()),
  baseline: arm,
  candidates: z.array(arm),
  margin: z.number(),
  ...progress,
  created_at: unixSeconds,
}).meta({ id: 'Study' });
export type StudyObject = z.infer<typeof studyObject>;

export const studyList = z.object({ object: z.literal('list'), data: z.array(studyObject) }).meta({ id: 'StudyList' });
export type StudyList = z.infer<typeof studyList>;

export const studyDeleted = z.object({ id: z.string(), object: z.literal('study'), deleted: z.literal(true) });
export type StudyDeleted = z.infer<typeof studyDeleted>;

const picture = z.object({ b64_json: z.string().meta({ contentEncoding: 'base64', description: 'A PNG that says nothing of how it was made' }) });

/** What to vote on next, if anything. */
export const studyPairObject = z.discriminatedUnion('status', [
  z.object({ object: z.literal('study.pair'), status: z.literal('ready'), id: z.string().meta({ description: 'Good for one vote within a day' }), prompt: z.string(), left: picture, right: picture, ...progress }),
  z.object({ object: z.literal('study.pair'), status: z.literal('waiting').meta({ description: 'Pictures are being made' }), retry_after_seconds: z.int().positive(), ...progress }),
  z.object({ object: z.literal('study.pair'), status: z.literal('completed').meta({ description: 'All votes are in' }), ...progress }),
]).meta({ id: 'StudyPair' });
export type StudyPairObject = z.infer<typeof studyPairObject>;

export const voteObject = z.object({ object: z.literal('study.vote'), pair: z.string(), choice: z.enum(choices), ...progress }).meta({ id: 'Vote' });
export type VoteObject = z.infer<typeof voteObject>;

const estimate = z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable().meta({ description: 'A share with Wilson’s 95 % interval; null before the first vote' });

export const studyVerdicts = ['non_inferior', 'inferior', 'undecided'] as const;

/** What the votes say of one candidate. */
const candidateResult = z.object({
  name: z.string(),
  votes: z.int(),
  wins: z.int(),
  ties: z.int(),
  losses: z.int(),
  win_share: estimate,
  tie_share: estimate,
  loss_share: estimate,
  preference: estimate.meta({ description: 'Wins and half the ties' }),
  verdict: z.enum(studyVerdicts).meta({ description: '`undecided` until all of its votes are in' }),
});

export const studyResults = z.object({
  object: z.literal('study.results'),
  study: z.string(),
  status: studyObject.shape.status,
  baseline: z.string(),
  margin: z.number(),
  candidates: z.array(candidateResult),
}).meta({ id: 'StudyResults' });
export type StudyResults = z.infer<typeof studyResults>;

/** One vote with all that was hidden from who gave it. */
export const castVote = z.object({
  at: z.iso.datetime(),
  candidate: z.string(),
  baseline: z.string(),
  prompt: z.string(),
  seed: z.int(),
  candidate_side: z.enum(sides),
  choice: z.enum(choices),
  outcome: z.enum(outcomes).meta({ description: 'Of the candidate' }),
  voter: z.string().nullable(),
});
export type CastVote = z.infer<typeof castVote>;

export const voteList = z.object({ object: z.literal('list'), data: z.array(castVote) }).meta({ id: 'VoteList' });
export type VoteList = z.infer<typeof voteList>;
