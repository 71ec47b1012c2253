import type { Reference } from './reference.js';

/** A prompt under a seed: the same in all arms. */
export interface Subject {
  readonly prompt: string;
  readonly seed: number;
  /** A name has one right picture; an open prompt has many. */
  readonly kind: 'name' | 'open';
}

export interface SubjectCounts {
  readonly names: number;
  readonly categories: number;
  readonly keywords: number;
  readonly empty: number;
  /** Each subject so many times, under other seeds. */
  readonly seeds: number;
}

export const FULL: SubjectCounts = { names: 60, categories: 60, keywords: 60, empty: 30, seeds: 3 };
export const QUICK: SubjectCounts = { names: 20, categories: 20, keywords: 20, empty: 10, seeds: 1 };

/** Seeds of the rerun lie so far above. */
export const RERUN_SEEDS = 500_000;

/**
 * The fixed list of an evaluation: exact names, categories, single keywords and the empty prompt, each spread evenly over
 * what the bundle's reference lists. A name is `name`; all others are `open`, where few steps mix answers.
 */
export function subjectsOf({ entries, prompts }: Reference, counts: SubjectCounts): Subject[] {
  const taken = new Set([...entries.map(({ name }) => name), ...prompts.categories]);
  const keywords = [...new Set(entries.flatMap((entry) => entry.keywords))].filter((word) => !taken.has(word)).sort();
  const lists: [readonly string[], number, Subject['kind']][] = [
    [prompts.names, counts.names, 'name'],
    [prompts.categories, counts.categories, 'open'],
    [keywords, counts.keywords, 'open'],
    [[''], counts.empty, 'open'],
  ];
  const each = lists.flatMap(([list, count, kind]) => spread(list, count).map((prompt) => ({ prompt, kind })));
  return Array.from({ length: counts.seeds }, (_, round) => each.map((subject, i) => ({ ...subject, seed: 1 + round * 10_000 + i }))).flat();
}

/** `count` of the list, evenly spaced; again from the start when it is shorter. Nothing from an empty list. */
function spread(list: readonly string[], count: number): string[] {
  if (list.length === 0) return [];
  return Array.from({ length: count }, (_, i) => list[count <= list.length ? Math.floor((i * list.length) / count) : i % list.length]!);
}
