import { generationRequest } from '@slipstream/contracts';

/** One row of a source of prompts: a prompt, or why it is none. */
export interface PromptRow {
  /** In its source, from 1: the line of JSONL, the record of CSV or Parquet, the combination of a template. */
  readonly row: number;
  readonly prompt?: string;
  /** Picture i of this prompt has `seed + i`. */
  readonly seed?: number;
  readonly fault?: string;
}

/** Prompts from anywhere, in an order that never changes; each reading begins anew. */
export interface PromptSource {
  /** For the card and the manifest. */
  readonly description: string;
  /** How many rows there are, where that is known beforehand. */
  readonly count?: number;
  rows(): AsyncIterable<PromptRow>;
}

const { prompt: promptSchema, seed: seedSchema } = generationRequest.shape;
/** A longer text is not looked at. */
const longestPrompt = 32_000;

/** A row of what a source holds; what is wrong with it is said by its place. */
export function promptRow(row: number, { prompt, seed }: { prompt: unknown; seed?: unknown }): PromptRow {
  const tooLong = typeof prompt === 'string' && prompt.length > longestPrompt;
  const [text, number] = [promptSchema.safeParse(tooLong ? undefined : prompt), seedSchema.safeParse(seedValue(seed))];
  if (!text.success) return { row, fault: `row ${row}: prompt must be a text of 1 to 32,000 characters without control characters` };
  if (!number.success) return { row, prompt: text.data, fault: `row ${row}: seed must be a whole number from 0 to 9007199254740991` };
  return { row, prompt: text.data, ...(number.data !== undefined && { seed: number.data }) };
}

/** CSV has texts, Parquet has bigints, and each has its own way to leave a value out. */
function seedValue(seed: unknown): unknown {
  if (seed === null || seed === '') return undefined;
  return typeof seed === 'bigint' || (typeof seed === 'string' && /^\d{1,16}$/.test(seed)) ? Number(seed) : seed;
}
