import { z } from 'zod';
import { acceleration, accelerationRule, isText } from './generation-request.js';
import { parseRequest } from './parse-request.js';
import { choices } from './study.js';

/** Pairs that a study may have, over all of its candidates. */
export const mostPairs = 10_000;

/** What each field must be; the words of every refusal. */
const rules = {
  name: 'must be a text of 1 to 128 characters',
  prompts: 'must be a list of 1 to 1,000 different prompts',
  prompt: 'must be a text of 1 to 1,000 characters without control characters',
  seeds: 'must be a list of 1 to 100 different whole numbers from 0 to 9007199254740991',
  arm: 'must be an object with a name, and acceleration as in a generation',
  armName: 'must be 1 to 64 letters, digits, spaces or any of . , : _ + - %',
  candidates: 'must be a list of 1 to 8 arms whose names are all different, and not that of the baseline',
  margin: 'must be a number from 0 to 0.5: what of an even preference may be lost, as in 0.05',
  votes: 'must be a whole number from 1 to 10000, for each candidate',
  pair: 'must be the id of a pair of this study',
  choice: `must be one of ${choices.join(', ')}`,
  voter: 'must be 1 to 64 letters, digits, "_" or "-"',
};

const unique = (values: readonly unknown[]): boolean => new Set(values).size === values.length;
const prompt = z.string(rules.prompt).max(1_000, rules.prompt).refine(isText, rules.prompt);
const seed = z.int(rules.seeds).min(0, rules.seeds).max(Number.MAX_SAFE_INTEGER, rules.seeds);
const arm = z.strictObject({ name: z.string(rules.armName).regex(/^[A-Za-z0-9.,:_+\-% ]{1,64}$/, rules.armName), acceleration: acceleration.default({}) }, rules.arm);
const vanilla = { name: 'vanilla', acceleration: { strategy: 'vanilla' } };

/** Body of `POST /v1/studies`. */
export const studyRequest = z.strictObject({
  name: z.string(rules.name).min(1, rules.name).max(128, rules.name).refine(isText, rules.name),
  prompts: z.array(prompt, rules.prompts).min(1, rules.prompts).max(1_000, rules.prompts).refine(unique, rules.prompts),
  seeds: z.array(seed, rules.seeds).min(1, rules.seeds).max(100, rules.seeds).refine(unique, rules.seeds).default([1]),
  baseline: arm.default(vanilla).meta({ description: 'What every candidate is held against; vanilla if left out' }),
  candidates: z.array(arm, rules.candidates).min(1, rules.candidates).max(8, rules.candidates),
  margin: z.number(rules.margin).min(0, rules.margin).max(0.5, rules.margin).meta({ description: 'A candidate is non-inferior where wins and half the ties are at least 0.5 − margin, with 97.5 % confidence. Declared now and never changed' }),
  votes_wanted: z.int(rules.votes).min(1, rules.votes).max(10_000, rules.votes).default(400).meta({ description: 'For each candidate; the study ends with them' }),
})
  .refine(({ baseline, candidates }) => unique([baseline, ...candidates].map(({ name }) => name)), { path: ['candidates'], error: rules.candidates })
  .refine(({ prompts, seeds, candidates }) => prompts.length * seeds.length * candidates.length <= mostPairs, { path: ['prompts'], error: `must make at most ${mostPairs} pairs with the seeds and candidates` })
  .meta({ id: 'StudyRequest' });
export type StudyRequest = z.infer<typeof studyRequest>;
/** What a client may leave out. */
export type StudyRequestInput = z.input<typeof studyRequest>;

/** Body of `POST /v1/studies/{id}/votes`. */
export const voteRequest = z.strictObject({
  pair: z.string(rules.pair).min(1, rules.pair).max(64, rules.pair),
  choice: z.enum(choices, rules.choice).meta({ description: 'The better picture, or a tie' }),
  voter: z.string(rules.voter).regex(/^[A-Za-z0-9_-]{1,64}$/, rules.voter).optional().meta({ description: 'A name of the voter’s own, for the export' }),
}).meta({ id: 'VoteRequest' });
export type VoteRequest = z.infer<typeof voteRequest>;

/** @throws SlipstreamError `invalid_request` */
export const parseStudyRequest = (body: unknown): StudyRequest => parseRequest(studyRequest, body, accelerationRule);
/** @throws SlipstreamError `invalid_request` */
export const parseVoteRequest = (body: unknown): VoteRequest => parseRequest(voteRequest, body);
