import { studyDeleted, studyList, studyObject, studyPairObject, studyRequest, studyResults, voteList, voteObject, voteRequest } from '@slipstream/contracts';
import { z } from 'zod';
import { idempotencyKey, replayed } from '../generations/generations.operations.js';
import { json, withKey, type Operations } from '../reference/operation.js';

const requestParams = { path: z.object({ id: z.string().meta({ description: 'Of the study' }) }) };
const create = withKey('write', 'studies_full', 'idempotency_mismatch');
const list = withKey('read');
const read = withKey('read', 'study_not_found');
const remove = withKey('write', 'study_not_found');
const pair = withKey('write', 'study_not_found', 'study_stopped', 'picture_not_found', 'storage_unavailable', 'rate_limited', 'quota_exceeded', 'overloaded');
const vote = withKey('write', 'study_not_found', 'pair_not_found', 'pair_voted', 'study_completed');
const votes = withKey('read', 'study_not_found');
const bodyOf = (schema: z.ZodType) => ({ required: true, content: { 'application/json': { schema } } });

export const studiesOperations: Operations = {
  '/v1/studies': {
    post: {
      operationId: 'createStudy',
      summary: 'Declares a blind comparison: prompts and seeds, a baseline, candidates, and what a candidate may lose',
      security: create.security,
      requestParams: { header: z.object({ 'idempotency-key': idempotencyKey }) },
      requestBody: bodyOf(studyRequest),
      responses: { 201: { ...json(studyObject, 'The study; nothing of it can be changed'), headers: replayed.extend({ location: z.string() }) }, ...create.refusals },
    },
    get: { operationId: 'listStudies', summary: 'All of them, the latest first', security: list.security, responses: { 200: json(studyList, 'The studies'), ...list.refusals } },
  },
  '/v1/studies/{id}': {
    get: { operationId: 'readStudy', summary: 'One study and how many votes it has', security: read.security, requestParams, responses: { 200: json(studyObject, 'The study'), ...read.refusals } },
    delete: { operationId: 'deleteStudy', summary: 'Forgets a study with all of its votes', security: remove.security, requestParams, responses: { 200: json(studyDeleted, 'Gone'), ...remove.refusals } },
  },
  '/v1/studies/{id}/pairs': {
    post: {
      operationId: 'showPair',
      summary: 'Shows two pictures of one prompt and seed, sides by chance, with nothing that tells which is which',
      description: 'Asks for pictures that are not there yet, as generations of the `batch` lane, a few pairs ahead.',
      security: pair.security,
      requestParams,
      responses: { 200: json(studyPairObject, 'A pair; or there is none yet, or no more'), ...pair.refusals },
    },
  },
  '/v1/studies/{id}/votes': {
    post: { operationId: 'vote', summary: 'Says which picture of a pair is better; each pair that was shown counts once', security: vote.security, requestParams, requestBody: bodyOf(voteRequest), responses: { 201: json(voteObject, 'Counted'), ...vote.refusals } },
    get: {
      operationId: 'exportVotes',
      summary: 'All votes, the oldest first',
      security: votes.security,
      requestParams: { ...requestParams, query: z.object({ format: z.enum(['json', 'csv']).optional() }) },
      responses: { 200: { description: 'The votes', content: { 'application/json': { schema: voteList }, 'text/csv': { schema: z.string() } } }, ...votes.refusals },
    },
  },
  '/v1/studies/{id}/results': {
    get: { operationId: 'readResults', summary: 'Wins, ties and losses with intervals, and the verdict once all votes are in', security: read.security, requestParams, responses: { 200: json(studyResults, 'The results'), ...read.refusals } },
  },
};
