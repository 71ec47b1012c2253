import { outcomeOf, type CastVote, type Study, type StudyArm, type StudyObject, type StudyVote } from '@slipstream/contracts';
import type { VoteTally } from '@slipstream/queue';

type Tally = Pick<VoteTally, 'ofCandidate'>;

/** A study as its tenant sees it. */
export function studyObject(study: Study, tally: Tally): StudyObject {
  const { id, name, model, bundle, prompts, seeds, baseline, candidates, margin, createdAtMs } = study;
  const progress = progressOf(study, tally);
  return { id, object: 'study', status: statusOf(progress), name, model, bundle, prompts, seeds, baseline: armObject(baseline), candidates: candidates.map(armObject), margin, ...progress, created_at: Math.floor(createdAtMs / 1000) };
}

export function progressOf({ candidates, votesWanted }: Pick<Study, 'candidates' | 'votesWanted'>, tally: Tally): { votes: number; votes_wanted: number } {
  return { votes: candidates.reduce((votes, _, candidate) => votes + tally.ofCandidate(candidate), 0), votes_wanted: candidates.length * votesWanted };
}

export const statusOf = ({ votes, votes_wanted }: { votes: number; votes_wanted: number }): StudyObject['status'] => (votes >= votes_wanted ? 'completed' : 'open');

/** A vote with all that was hidden from who gave it. */
export function castVote({ prompts, baseline, candidates }: Study, vote: StudyVote): CastVote {
  const { atMs, candidate, prompt, seed, candidateSide, choice, voter } = vote;
  return { at: new Date(atMs).toISOString(), candidate: candidates[candidate]!.name, baseline: baseline.name, prompt: prompts[prompt]!, seed, candidate_side: candidateSide, choice, outcome: outcomeOf(vote), voter: voter ?? null };
}

const armObject = ({ name, acceleration }: StudyArm) => ({ name, acceleration });
