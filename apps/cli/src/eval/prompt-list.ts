import { readFile } from 'node:fs/promises';
import { SlipstreamError } from '@slipstream/contracts';
import type { Reference } from './reference.js';

/** The prompts of an evaluation: `names` have one right picture, `categories` have many. */
export interface PromptList {
  readonly names: readonly string[];
  readonly categories: readonly string[];
}

/**
 * A file of one prompt a line (blank lines are skipped); without a file the reference's own prompts. A line that is
 * the exact name of a reference picture is judged by retrieval, any other as an open prompt, unless the reference
 * itself lists it as a category.
 * @throws SlipstreamError `invalid_request`, naming the file.
 */
export async function readPrompts(path: string | undefined, reference: Reference): Promise<PromptList> {
  if (path === undefined) return reference.prompts;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw refuse(path, 'cannot be read', cause);
  });
  const prompts = [...new Set(text.split(/\r?\n/).map((line) => line.trim()))].filter((line) => line !== '');
  if (prompts.length === 0) throw refuse(path, 'holds no prompt');
  const names = new Set(reference.entries.map((entry) => entry.name));
  const categories = new Set(reference.prompts.categories);
  const isName = (prompt: string): boolean => names.has(prompt) && !categories.has(prompt);
  return { names: prompts.filter(isName), categories: prompts.filter((prompt) => !isName(prompt)) };
}

const refuse = (path: string, fault: string, cause?: unknown): SlipstreamError =>
  new SlipstreamError('invalid_request', `--prompts ${path} ${fault}`, {
    param: '--prompts',
    remedy: 'name a text file with one prompt a line',
    cause,
  });
