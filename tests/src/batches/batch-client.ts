import { toFile, type OpenAI } from 'openai';
import type { Batch } from 'openai/resources/batches';
import { eventually, openaiAt } from '../harness/index.js';

export const endpoint = '/v1/images/generations';

/** A line of an input file. */
export const line = (customId: string, body: object = {}): string => JSON.stringify({ custom_id: customId, method: 'POST', url: endpoint, body: { prompt: 'sun', ...body } });
export const lines = (count: number, body: object = {}): string[] => Array.from({ length: count }, (_, index) => line(`r-${index}`, { seed: index, ...body }));

/** What stands in a line of an output or an error file. */
export interface ResultLine {
  readonly id: string;
  readonly custom_id: string;
  readonly response: { status_code: number; body: { data?: { url?: string; b64_json?: string }[]; error?: { code: string; param: string } } } | null;
  readonly error: { code: string; message: string } | null;
}

/** OpenAI's client, and what these tests do with it again and again. */
export class BatchClient {
  readonly openai: OpenAI;

  constructor(url: string, apiKey: string) {
    this.openai = openaiAt(url, apiKey);
  }

  async create(texts: readonly string[], fields: object = {}): Promise<Batch> {
    const file = await this.openai.files.create({ file: await toFile(Buffer.from(texts.join('\n')), 'requests.jsonl'), purpose: 'batch' });
    return this.openai.batches.create({ input_file_id: file.id, endpoint, completion_window: '24h', ...fields });
  }

  /** As soon as it is so. */
  async until(id: string, holds: (batch: Batch) => boolean, deadlineMs = 120_000): Promise<Batch> {
    let last: Batch | undefined;
    return eventually(async () => holds((last = await this.openai.batches.retrieve(id))) && last, { what: 'a batch is as it should be', deadlineMs, intervalMs: 100 }).catch((error: unknown) => {
      throw new Error(`it is ${JSON.stringify(last)}`, { cause: error });
    });
  }

  ended(id: string, deadlineMs?: number): Promise<Batch> {
    return this.until(id, ({ status }) => ['completed', 'failed', 'expired', 'cancelled'].includes(status), deadlineMs);
  }

  async read(file: string | null | undefined): Promise<ResultLine[]> {
    if (!file) return [];
    return (await (await this.openai.files.content(file)).text()).trimEnd().split('\n').map((text) => JSON.parse(text) as ResultLine);
  }
}
