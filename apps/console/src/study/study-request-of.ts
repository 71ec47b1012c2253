import type { StudyRequestInput } from '@slipstream/client';

/** What the form declares; its `strategy` and `budget` come once for each candidate, in order. */
export function studyRequestOf(form: FormData): StudyRequestInput {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const budgets = form.getAll('budget').map(String);
  return {
    name: text('name'),
    prompts: text('prompts').split('\n').map((line) => line.trim()).filter((line) => line !== ''),
    seeds: text('seeds').split(/[\s,]+/).map(Number),
    candidates: form.getAll('strategy').map((strategy, index) => candidateOf(String(strategy), budgets[index] ?? '')),
    margin: Number(text('margin')) / 100,
    votes_wanted: Number(text('votes')),
  };
}

const candidateOf = (strategy: string, budget: string): StudyRequestInput['candidates'][number] =>
  budget === '' ? { name: strategy, acceleration: { strategy } } : { name: `${strategy} ${budget}`, acceleration: { strategy, budget: Number(budget) } };
