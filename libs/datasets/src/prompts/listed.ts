import { promptRow, type PromptSource } from './prompt-row.js';

/** Prompts that came with a request. */
export function listedPrompts(prompts: readonly string[]): PromptSource {
  return {
    description: `${prompts.length} listed prompts`,
    async *rows() {
      for (const [i, prompt] of prompts.entries()) yield promptRow(i + 1, { prompt });
    },
  };
}
