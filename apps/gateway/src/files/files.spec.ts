import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { SlipstreamError, type FileRecord } from '@slipstream/contracts';
import type { FileBook } from '@slipstream/queue';
import type { ObjectStore } from '@slipstream/storage';
import type { Caller } from '../admission/caller.js';
import { Files } from './files.js';

const away = () => Promise.reject(new SlipstreamError('queue_unavailable', 'Redis is away'));
const caller = { tenant: { id: 'acme', limits: { files: 10, fileBytes: 1_000 } }, replayed: () => {} } as unknown as Caller;
const form = '--x\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--x\r\ncontent-disposition: form-data; name="file"; filename="f.jsonl"\r\n\r\n{}\r\n--x--\r\n';

/** An upload to a book of which nothing comes but what is said here, and the bytes that are kept afterwards. */
async function uploaded(book: Partial<FileBook>): Promise<{ outcome: unknown; kept: Map<string, string> }> {
  const kept = new Map<string, string>();
  const store = {
    write: async (key: string, source: AsyncIterable<Uint8Array>) => kept.set(key, await text(source)).get(key)!.length,
    delete: async (key: string) => void kept.delete(key),
  } as Partial<ObjectStore> as ObjectStore;
  const files = new Files({ held: async () => ({ files: 0, fileBytes: 0 }), ...book } as FileBook, store, { FILE_LIMIT_BYTES: 1_000, FILE_TTL_SECONDS: 60 });
  const outcome = await files.upload(caller, Readable.from([Buffer.from(form)]), { 'content-type': 'multipart/form-data; boundary=x' }).catch((error: SlipstreamError) => error.code);
  return { outcome, kept };
}

describe('the bytes of an upload', () => {
  it.each([
    ['are kept with the file', { add: async () => ({ verdict: 'added' }), read: async () => ({ filename: 'f.jsonl' }) as FileRecord }, { filename: 'f.jsonl' }, 1],
    ['are kept where the file was added and cannot be read just then', { add: async () => ({ verdict: 'added' }), read: away }, 'queue_unavailable', 1],
    ['are kept where nobody knows whether it was added', { add: away }, 'queue_unavailable', 1],
    ['are deleted where there is no room for it', { add: async () => ({ verdict: 'full', limit: 'files' }) }, 'files_full', 0],
  ] satisfies [string, Partial<FileBook>, unknown, number][])('%s', async (_, book, said, count) => {
    const { outcome, kept } = await uploaded(book);
    expect([outcome, kept.size]).toEqual([said, count]);
  });
});
