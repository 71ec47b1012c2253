import { Tokenizer } from '@huggingface/tokenizers';
import { SlipstreamError, type WordPrompt } from '@slipstream/contracts';

/** A manifest that names a tokenizer, and the contents of its files by path. */
interface TokenizerFiles {
  readonly manifest: { readonly prompt: WordPrompt };
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Characters of a prompt for each id that it may have; a token of English text has four or five. */
const lookedAt = 8;

/** Prompt → ids, by the bundle's `tokenizer.json` (Hugging Face format). */
export class PromptTokenizer {
  private constructor(
    private readonly tokenizer: Tokenizer,
    private readonly ids: WordPrompt,
  ) {}

  /** Throws SlipstreamError `bundle_invalid` when the file is not a tokenizer. */
  static of({ manifest, files }: TokenizerFiles): PromptTokenizer {
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
    const { length, pad, unknown } = this.ids;
    const words = this.#idsOf(prompt);
    const excess = this.#excess(words);
    if (excess > 0) throw tooLong(this.#limit + excess, this.#limit);
    const ids = new Int32Array(length).fill(pad);
    ids.set(words.slice(0, length).map((id) => id ?? unknown));
    return ids;
  }

  /**
   * Refuses what `encode` would, at a cost that the prompt does not decide: of a long one the beginning is looked at, which
   * tells but for text of hardly any tokens. Throws `invalid_request`.
   */
  refuseTooLong(prompt: string): void {
    if (!this.ids.template) return;
    const begun = beginning(prompt, this.#limit * lookedAt);
    const excess = this.#excess(this.#idsOf(begun));
    if (excess > 0) throw tooLong(begun === prompt ? this.#limit + excess : `more than ${this.#limit}`, this.#limit);
  }

  #idsOf(prompt: string): (number | undefined)[] {
    const { template } = this.ids;
    return this.tokenizer.encode(template ? template.replace('{prompt}', () => prompt) : prompt).ids;
  }

  /** How many ids of a prompt that has to fit do not. */
  #excess(words: readonly unknown[]): number {
    return this.ids.template ? Math.max(0, words.length - this.ids.length) : 0;
  }

  get #limit(): number {
    return this.ids.limit ?? this.ids.length;
  }
}

/** Whole words, where there are any: what follows changes no id of theirs. */
function beginning(prompt: string, most: number): string {
  if (prompt.length <= most) return prompt;
  const part = prompt.slice(0, most);
  const words = part.slice(0, part.search(/\s\S*$/) + 1);
  return words.length > most / 2 ? words : part;
}

function tooLong(count: number | string, limit: number): SlipstreamError {
  return new SlipstreamError('invalid_request', `prompt has ${count} tokens, but the model reads at most ${limit}`, { param: 'prompt', remedy: `shorten it to ${limit} tokens, about ${Math.ceil(limit * 0.75)} English words` });
}
