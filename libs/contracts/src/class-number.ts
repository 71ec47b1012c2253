import type { BundleManifest } from './bundle-manifest.js';
import { SlipstreamError } from './slipstream-error.js';

/**
 * The class that a prompt of digits names, for a bundle whose prompts are classes; spaces around it count for nothing.
 * @throws SlipstreamError `invalid_request` naming the classes that there are.
 */
export function classNumber(prompt: string, { name, classes }: Pick<BundleManifest, 'name'> & { readonly classes: number }): number {
  const digits = prompt.trim();
  const number = /^\d{1,9}$/.test(digits) ? Number(digits) : NaN;
  if (number < classes) return number;
  const given = digits.length > 40 ? `a text of ${digits.length} characters` : JSON.stringify(digits);
  throw new SlipstreamError('invalid_request', `prompt is ${given}, but ${name} draws classes, by number from 0 to ${classes - 1}`, {
    param: 'prompt',
    remedy: `send a class, as in "prompt": "${classes - 1}"`,
  });
}
