import { describe, expect, it } from 'vitest';
import type { CastVote, Study, StudyVote } from '@slipstream/contracts';
import { studyResults } from './study-results.js';
import { votesCsv } from './votes-csv.js';

const sampling = { strategy: 'vanilla', steps: 8, budget: 8, knobs: {}, guidance: 1, temperature: 1 } as const;
const arm = (name: string) => ({ name, acceleration: {}, sampling });
const study: Study = { id: 'study_1', tenant: 'default', name: 's', model: 'tiny', bundle: 'b', prompts: ['sun'], seeds: [1], baseline: arm('vanilla'), candidates: [arm('fast'), arm('slow')], margin: 0.05, votesWanted: 400, createdAtMs: 0 };
/** Sides change from vote to vote; they must not matter. */
const votes = (candidate: number, { wins = 0, ties = 0, losses = 0 }): StudyVote[] =>
  [...Array(wins).fill('win'), ...Array(ties).fill('tie'), ...Array(losses).fill('loss')].map((outcome, index) => {
    const candidateSide = index % 3 === 0 ? 'left' : 'right';
    const other = candidateSide === 'left' ? 'right' : 'left';
    return { candidate, prompt: 0, seed: 1, candidateSide, choice: outcome === 'tie' ? 'tie' : outcome === 'win' ? candidateSide : other, atMs: index };
  });

describe('the results of a study', () => {
  it('count for each candidate by itself, whatever side it was on', () => {
    const { candidates, status } = studyResults(study, [...votes(0, { wins: 150, ties: 100, losses: 150 }), ...votes(1, { losses: 3 })]);
    expect(candidates).toMatchObject([
      { name: 'fast', votes: 400, wins: 150, ties: 100, losses: 150, preference: { value: 0.5 }, verdict: 'non_inferior' },
      { name: 'slow', votes: 3, wins: 0, losses: 3, preference: { value: 0, low: 0 }, verdict: 'undecided' },
    ]);
    expect(status).toBe('open');
  });

  it('decide nothing before all votes are in, however clear it looks', () => {
    const verdict = (losses: number) => studyResults(study, votes(0, { losses })).candidates[0]!.verdict;
    expect([verdict(399), verdict(400)]).toEqual(['undecided', 'inferior']);
  });

  it('are null where nobody has voted', () => {
    expect(studyResults(study, []).candidates[0]).toEqual({ name: 'fast', votes: 0, wins: 0, ties: 0, losses: 0, win_share: null, tie_share: null, loss_share: null, preference: null, verdict: 'undecided' });
  });
});

it('votes as CSV keep commas, quotes and lines, and are no formulas', () => {
  const vote: CastVote = { at: '2026-01-01T00:00:00.000Z', candidate: 'fast', baseline: 'vanilla', prompt: 'a "big", red\nsun', seed: 7, candidate_side: 'left', choice: 'tie', outcome: 'tie', voter: null };
  const [head, ...rows] = votesCsv([vote, { ...vote, prompt: '=1+1' }]).split('\r\n');
  expect(head).toBe('at,candidate,baseline,prompt,seed,candidate_side,choice,outcome,voter');
  expect(rows[0]).toBe('2026-01-01T00:00:00.000Z,fast,vanilla,"a ""big"", red\nsun",7,left,tie,tie,');
  expect(rows[1]).toContain(",'=1+1,7");
});
