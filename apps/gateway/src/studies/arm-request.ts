import { parseGenerationRequest, type GenerationRequest, type StudyArm } from '@slipstream/contracts';

/** The generation that makes one picture of an arm: in spare turns, and laid on white, so that a page's colours favour nobody. */
export const armRequest = ({ acceleration }: Pick<StudyArm, 'acceleration'>, { prompt, seed }: { prompt: string; seed: number }): GenerationRequest =>
  parseGenerationRequest({ prompt, seed, acceleration, lane: 'batch', output_format: 'png', background: 'opaque' });
