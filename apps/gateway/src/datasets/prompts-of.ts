import { setImmediate as turn } from 'node:timers/promises';
import { fileKey, SlipstreamError, type DatasetRequest, type FileRecord } from '@slipstream/contracts';
import { listedPrompts, storedPrompts, templatePrompts, type PromptSource } from '@slipstream/datasets';
import type { ObjectStore } from '@slipstream/storage';
import { slicesOf } from '../files/slices.js';

export interface PromptsParts {
  readonly store: Pick<ObjectStore, 'slice'>;
  /** The file of that id, of the tenant who asks. @throws SlipstreamError `file_not_found` */
  readonly find: (id: string) => Promise<FileRecord>;
}

/** Rows of one source: a data set has no more samples. */
const mostRows = 10_000_000;
/** Rows between two turns of everybody else. */
const rowsOfTurn = 1_000;

/** Where a request's prompts come from. @throws SlipstreamError `invalid_request`, `file_not_found` */
export async function promptsOf({ prompts, template, lists, input_file_id: fileId }: DatasetRequest, parts: PromptsParts): Promise<PromptSource> {
  if ([prompts, template, fileId].filter((given) => given !== undefined).length !== 1) throw new SlipstreamError('invalid_request', 'exactly one of prompts, template and input_file_id is needed', { param: 'prompts', remedy: 'send a list of prompts, a template with its lists, or the id of an uploaded file' });
  if (lists !== undefined && template === undefined) throw new SlipstreamError('invalid_request', 'lists have no meaning without a template', { param: 'lists', remedy: 'leave them out' });
  if (prompts !== undefined) return bounded(listedPrompts(prompts));
  if (template !== undefined) return bounded(templatePrompts(template, lists ?? {}));
  return bounded(promptsIn(await parts.find(fileId!), parts.store));
}

/** With an end, and with turns for whatever else this gateway does: rows that need not be waited for would leave it none. */
function bounded(source: PromptSource): PromptSource {
  if ((source.count ?? 0) > mostRows) throw tooMany(source);
  return {
    ...source,
    async *rows() {
      let count = 0;
      for await (const row of source.rows()) {
        count += 1;
        if (count > mostRows) throw tooMany(source);
        if (count % rowsOfTurn === 0) await turn();
        yield row;
      }
    },
  };
}

const tooMany = ({ description }: PromptSource): SlipstreamError =>
  new SlipstreamError('invalid_request', `there are more than ${mostRows} rows in ${description}`, { param: 'prompts', remedy: 'ask for several data sets' });

function promptsIn({ id, filename, sizeBytes }: FileRecord, store: PromptsParts['store']): PromptSource {
  const key = fileKey(id);
  return storedPrompts({
    name: filename,
    chunks: () => slicesOf(store, key),
    random: async () => ({ byteLength: sizeBytes, slice: (start, end = sizeBytes) => range(store, key, { from: start, end }) }),
  });
}

async function range(store: PromptsParts['store'], key: string, { from, end }: { from: number; end: number }): Promise<ArrayBuffer> {
  const bytes = await store.slice(key, { from, bytes: end - from });
  if (bytes) return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  throw new SlipstreamError('file_not_found', `${key} is no longer stored`, { param: 'input_file_id', remedy: 'send it again' });
}
