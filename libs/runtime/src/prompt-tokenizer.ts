import { Tokenizer } from '@huggingface/tokenizers';
import { SlipstreamError, type WordPrompt } from '@slipstream/contracts';
import type { VerifiedFiles } from './verified-files.js';

/** Prompt → ids, by the bundle's `tokenizer.json` (Hugging Face format). */
export class PromptTokenizer {
  private constructor(
    private readonly tokenizer: Tokenizer,
    private readonly ids: { readonly length: number; readonly pad: number; readonly unknown: number },
  ) {}

  /** Throws SlipstreamError `bundle_invalid` when the file is not a tokenizer. */
  static of({ manifest, files }: Pick<VerifiedFiles<{ readonly prompt: WordPrompt }>, 'manifest' | 'files'>): PromptTokenizer {
    const path = manifest.prompt.tokenizer;
    try {
      const json = JSON.parse(Buffer.from(files.get(path)!).toString('utf8')) as object;
      return new PromptTokenizer(new Tokenizer(json, {}), manifest.prompt);
    } catch (cause) {
      const remedy = 'export the bundle again';
      throw new SlipstreamError('bundle_invalid', `${path} is not a tokenizer`, { param: path, remedy, cause });
    }
  }

  /** (length), cut or padded; a prompt without a single word is all padding: the unconditional branch. */
  encode(prompt: string): Int32Array {
    const ids = new Int32Array(this.ids.length).fill(this.ids.pad);
    const words: (number | undefined)[] = this.tokenizer.encode(prompt).ids;
    ids.set(words.slice(0, ids.length).map((id) => id ?? this.ids.unknown));
    return ids;
  }
}
