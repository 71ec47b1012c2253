import type { Features, Model } from './model-runner.js';
import { placeOf } from './place-of.js';

/** ‖predicted − true‖ ÷ ‖true‖ over the positions of every branch that are masked in `tokens`; 0 when none is masked. */
export function relativeError(predicted: Features, truth: Features, { tokens, model }: { tokens: Int32Array; model: Model }): number {
  const { positions, channels, mask } = model;
  let [difference, total] = [0, 0];
  for (let start = 0; start < truth.length; start += positions * channels) {
    for (const [position, token] of tokens.entries()) {
      if (token !== mask) continue;
      const place = start + placeOf(position, model) * channels;
      for (let at = place; at < place + channels; at++) {
        difference += (predicted[at]! - truth[at]!) ** 2;
        total += truth[at]! ** 2;
      }
    }
  }
  return total === 0 ? 0 : Math.sqrt(difference / total);
}
