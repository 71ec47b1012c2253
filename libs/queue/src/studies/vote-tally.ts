import type { StudyPair } from '@slipstream/contracts';

/** Votes that count: of each candidate, and of each of its pairs. */
export class VoteTally {
  constructor(private readonly counts: Readonly<Record<string, string>>) {}

  /** @param candidate its index */
  ofCandidate(candidate: number): number {
    return Number(this.counts[candidateField(candidate)] ?? 0);
  }

  ofPair(pair: StudyPair): number {
    return Number(this.counts[pairField(pair)] ?? 0);
  }
}

export const candidateField = (candidate: number): string => `candidate:${candidate}`;
export const pairField = ({ candidate, prompt, seed }: StudyPair): string => `pair:${candidate}:${prompt}:${seed}`;
