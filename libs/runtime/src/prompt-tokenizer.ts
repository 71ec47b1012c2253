import { Tokenizer } from '@huggingface/tokenizers';
import { SlipstreamError, type WordPrompt } from '@slipstream/contracts';
import type { VerifiedFiles } from './verified-files.js';

/** Prompt → ids, by the bundle's `tokenizer.json` (Hugging Face format). */
export class PromptTokenizer {
  private constructor(
    private readonly tokenizer: Tokenizer,
    private readonly ids: WordPrompt,
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

  /**
   * (length), padded. A prompt that goes into a template must fit, else `invalid_request`; another is cut, and without a
   * single word it is all padding: the unconditional branch.
   */
  encode(prompt: string): Int32Array {
    const { length, pad, unknown, template, limit = length } = this.ids;
    const words: (number | undefined)[] = this.tokenizer.encode(template ? template.replace('{prompt}', () => prompt) : prompt).ids;
    if (template && words.length > length) throw tooLong(words.length - length + limit, limit);
    const ids = new Int32Array(length).fill(pad);
    ids.set(words.slice(0, length).map((id) => id ?? unknown));
    return ids;
  }
}

function tooLong(count: number, limit: number): SlipstreamError {
  return new SlipstreamError('invalid_request', `prompt has ${count} tokens, but the model reads at most ${limit}`, { param: 'prompt', remedy: `shorten it to ${limit} tokens, about ${Math.ceil(limit * 0.75)} English words` });
}
