import { describe, expect, it } from 'vitest';
import { subjectsOf } from './subject.js';

const entries = ['cat', 'dog', 'pizza'].map((name) => ({ name, keywords: [name, `${name} keyword`], categories: ['thing'], tokens: [1] }));
const reference = { entries, prompts: { names: ['cat', 'dog', 'pizza'], categories: ['thing'] } };
const counts = { names: 2, categories: 2, keywords: 3, empty: 1, seeds: 2 };

describe('the subjects of an evaluation', () => {
  it('are names, categories, keywords that are no names, and the empty prompt', () => {
    const first = subjectsOf(reference, { ...counts, seeds: 1 });
    expect(first.map(({ prompt }) => prompt)).toEqual(['cat', 'dog', 'thing', 'thing', 'cat keyword', 'dog keyword', 'pizza keyword', '']);
    expect(first.filter(({ kind }) => kind === 'name').map(({ prompt }) => prompt)).toEqual(['cat', 'dog']);
  });

  it('have a seed each, the same ones every time', () => {
    const subjects = subjectsOf(reference, counts);
    expect(subjects).toHaveLength(16);
    expect(new Set(subjects.map(({ seed }) => seed)).size).toBe(16);
    expect(subjectsOf(reference, counts)).toEqual(subjects);
  });
});
