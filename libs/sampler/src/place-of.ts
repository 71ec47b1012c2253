import type { Model } from './model-runner.js';

/** The position that features have for a token of the picture. */
export function placeOf(position: number, { promptLength, gridWidth, first = promptLength, lineLength = gridWidth }: Model): number {
  return first + Math.floor(position / gridWidth) * lineLength + (position % gridWidth);
}
