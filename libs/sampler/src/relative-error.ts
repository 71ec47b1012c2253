import type { Features, Model } from './model-runner.js';

/** ‖predicted − true‖ ÷ ‖true‖ over the positions of every branch that are masked in `tokens`; 0 when none is masked. */
export function relativeError(predicted: Features, truth: Features, { tokens, model }: { tokens: Int32Array; model: Model }): number {
  const { positions, promptLength, channels, mask } = model;
  let [difference, total] = [0, 0];
  for (let start = promptLength * channels; start < truth.length; start += positions * channels) {
    for (const [position, token] of tokens.entries()) {
      if (token !== mask) continue;
      for (let at = start + position * channels; at < start + (position + 1) * channels; at++) {
        difference += (predicted[at]! - truth[at]!) ** 2;
        total += truth[at]! ** 2;
      }
    }
  }
  return total === 0 ? 0 : Math.sqrt(difference / total);
}
