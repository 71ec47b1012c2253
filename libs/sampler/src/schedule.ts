import { invalid } from './invalid.js';
import { roundHalfEven } from './round-half-even.js';

/*
 * Three conventions for "how many tokens by when" exist side by side in the literature and must never be mixed:
 * counts of one step (arccos, MaskGIT v1.0), counts that stay masked (cosine, Lumina-DiMOO), counts revealed so far
 * (Halton). Only `revealCounts` is what a step of ours needs.
 */

export type Schedule = 'arccos' | 'cosine';

/**
 * How many tokens each of `steps` steps reveals: every count is at least 1 and they sum to `tokens`.
 * Throws `invalid_request` unless 1 ≤ steps ≤ tokens, both integers.
 */
export function revealCounts(schedule: Schedule, steps: number, tokens: number): number[] {
  requireSteps(steps, tokens);
  switch (schedule) {
    case 'arccos':
      return borrow(arccosRevealCounts(steps, tokens));
    case 'cosine':
      return borrow(countsOf(cosineKeepCounts(steps, tokens), tokens));
  }
}

/** MaskGIT v1.0 (valeoai): counts of each step, arccos(linspace(1, 0, N)) scaled to the tokens; the last takes the rest. */
export function arccosRevealCounts(steps: number, tokens: number): number[] {
  if (steps === 1) return [tokens];
  const curve = Array.from({ length: steps }, (_, i) => Math.acos(1 - i / (steps - 1)) / (Math.PI / 2));
  const counts = curve.map((value) => Math.max(1, roundHalfEven((value / sum(curve)) * tokens)));
  counts[steps - 1]! += tokens - sum(counts);
  return counts;
}

/** Lumina-DiMOO: how many tokens *stay masked* after each step, floor(T cos(π/2 · (i+1)/N)), at least 1 until the last. */
export function cosineKeepCounts(steps: number, tokens: number): number[] {
  return Array.from({ length: steps }, (_, i) =>
    i === steps - 1 ? 0 : Math.max(1, Math.floor(tokens * Math.cos(((Math.PI / 2) * (i + 1)) / steps))),
  );
}

/** Halton-MaskGIT: how many tokens are revealed *in all* after each step. */
export function haltonCumulativeCounts(steps: number, tokens: number): number[] {
  return Array.from({ length: steps }, (_, i) =>
    Math.max(i + 1, Math.floor(tokens * (1 - Math.acos((i + 1) / steps) / (Math.PI / 2)))),
  );
}

function countsOf(kept: number[], tokens: number): number[] {
  return kept.map((after, i) => (i === 0 ? tokens : kept[i - 1]!) - after);
}

/** Few tokens over many steps: a count that rounding left below 1 takes from the largest, the latest of equals. */
function borrow(counts: number[]): number[] {
  counts.forEach((_, i) => {
    while (counts[i]! < 1) {
      counts[counts.lastIndexOf(Math.max(...counts))]! -= 1;
      counts[i]! += 1;
    }
  });
  return counts;
}

function requireSteps(steps: number, tokens: number): void {
  if (Number.isInteger(steps) && steps >= 1 && steps <= tokens) return;
  throw invalid('steps', `a whole number from 1 to ${tokens} (the picture's tokens)`, steps);
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
