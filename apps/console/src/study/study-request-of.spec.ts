import { expect, it } from 'vitest';
import { studyRequestOf } from './study-request-of';

it('declares every candidate with its own full steps, and the margin as a share', () => {
  const form = new FormData();
  const fields: [string, string][] = [['name', ' A '], ['prompts', 'sun\n\n moon \n'], ['seeds', '1, 2 3'], ['votes', '60'], ['margin', '5'], ['strategy', 'anchored'], ['budget', ''], ['strategy', 'shortcut'], ['budget', '2']];
  for (const [name, value] of fields) form.append(name, value);
  expect(studyRequestOf(form)).toEqual({
    name: 'A', prompts: ['sun', 'moon'], seeds: [1, 2, 3], margin: 0.05, votes_wanted: 60,
    candidates: [{ name: 'anchored', acceleration: { strategy: 'anchored' } }, { name: 'shortcut 2', acceleration: { strategy: 'shortcut', budget: 2 } }],
  });
});
