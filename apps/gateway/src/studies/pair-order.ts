import type { Study, StudyPair } from '@slipstream/contracts';
import type { VoteTally } from '@slipstream/queue';

/**
 * The pairs of the candidates that want more votes: those with the fewest votes first, and among them in an order that is of the
 * study alone. So whoever asks next wants the pictures that were asked for before, and voters cannot tell what comes.
 */
export function pairOrder({ id, prompts, seeds, candidates, votesWanted }: Pick<Study, 'id' | 'prompts' | 'seeds' | 'candidates' | 'votesWanted'>, tally: Pick<VoteTally, 'ofCandidate' | 'ofPair'>): StudyPair[] {
  const open = candidates.flatMap((_, candidate) => (tally.ofCandidate(candidate) < votesWanted ? [candidate] : []));
  const pairs = open.flatMap((candidate) => prompts.flatMap((_, prompt) => seeds.map((seed) => ({ candidate, prompt, seed }))));
  const ranked = pairs.map((pair) => ({ pair, votes: tally.ofPair(pair), rank: hash(`${id} ${pair.candidate} ${pair.prompt} ${pair.seed}`) }));
  return ranked.sort((one, other) => one.votes - other.votes || one.rank - other.rank).map(({ pair }) => pair);
}

/** FNV-1a, stirred (the finalizer of MurmurHash3), for neighbours to lie apart; 0 … 2^32 − 1. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
