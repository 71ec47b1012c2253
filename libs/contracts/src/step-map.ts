import { z } from 'zod';

/** What the features of a step were: computed by the base, recalled instead, predicted, or some of each. */
export const stepLetters = { full: 'F', recalled: 'R', shortcut: 's', partial: 'p' } as const;
export type StepKind = keyof typeof stepLetters;

/** The steps of one picture in their order, a letter each: `FsssFsss` has full steps 1 and 5. */
export const stepMap = z
  .string()
  .regex(/^[FRsp]*$/)
  .meta({ id: 'StepMap', description: 'One letter a step, in order: `F` full, `R` a full step recalled instead of computed, `s` shortcut, `p` partial', example: 'RsssFsss' });

/** The kinds of steps that a picture was made of. A recalled step is a full one. */
export interface StepCounts {
  readonly fullSteps: number;
  readonly shortcutSteps: number;
  readonly partialSteps: number;
}

export function countSteps(map: string): StepCounts {
  const count = (...kinds: StepKind[]): number => [...map].filter((letter) => kinds.some((kind) => stepLetters[kind] === letter)).length;
  return { fullSteps: count('full', 'recalled'), shortcutSteps: count('shortcut'), partialSteps: count('partial') };
}
