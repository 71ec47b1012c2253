import { classNumber, type BundleManifest } from '@slipstream/contracts';
import { PromptTokenizer } from '@slipstream/prompts';
import type { VerifiedFiles } from './verified-files.js';

/** Prompt → ids, (prompt.length). Throws SlipstreamError `invalid_request` when a bundle of classes has no such class. */
export type PromptEncoder = Pick<PromptTokenizer, 'encode'>;

/** By the bundle's tokenizer, or by the class that the prompt numbers. Throws SlipstreamError `bundle_invalid`. */
export function promptEncoder({ manifest, files }: Pick<VerifiedFiles<BundleManifest>, 'manifest' | 'files'>): PromptEncoder {
  const { name, prompt } = manifest;
  if (!('classes' in prompt)) return PromptTokenizer.of({ manifest: { prompt }, files });
  return { encode: (text) => Int32Array.of(classNumber(text, { name, classes: prompt.classes })) };
}
