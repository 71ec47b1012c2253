import { outcomeOf, type Study, type StudyResults, type StudyVote } from '@slipstream/contracts';
import { preferenceOf, type Estimate } from '@slipstream/quality';
import { statusOf } from './study-object.js';

type CandidateResult = StudyResults['candidates'][number];

/** What the votes say of each candidate. A look before the last vote decides nothing: it would make a lucky streak a finding. */
export function studyResults(study: Study, votes: readonly StudyVote[]): StudyResults {
  const { id, baseline, candidates, margin, votesWanted } = study;
  return {
    object: 'study.results',
    study: id,
    status: statusOf({ votes: votes.length, votes_wanted: candidates.length * votesWanted }),
    baseline: baseline.name,
    margin,
    candidates: candidates.map(({ name }, index) => candidateResult(name, { study, votes: votes.filter(({ candidate }) => candidate === index) })),
  };
}

function candidateResult(name: string, { study: { margin, votesWanted }, votes }: { study: Study; votes: readonly StudyVote[] }): CandidateResult {
  const count = (wanted: string): number => votes.filter((vote) => outcomeOf(vote) === wanted).length;
  const [wins, ties, losses] = [count('win'), count('tie'), count('loss')];
  const found = votes.length > 0 ? preferenceOf({ wins, ties, losses }, margin) : undefined;
  return {
    name, votes: votes.length, wins, ties, losses,
    win_share: shown(found?.win), tie_share: shown(found?.tie), loss_share: shown(found?.loss), preference: shown(found?.preference),
    verdict: found && votes.length >= votesWanted ? found.verdict : 'undecided',
  };
}

const shown = (estimate: Estimate | undefined) => (estimate ? { value: estimate.value, ...estimate.interval } : null);
