import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SlipstreamError } from '@slipstream/contracts';
import { contentTypeOf } from '../storage-key.js';
import type { ObjectStore, StoredObject } from '../object-store.js';

const png = { contentType: 'image/png' };
const textOf = (found: StoredObject | undefined): string => new TextDecoder().decode(found?.bytes);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

export interface ObjectStoreSuiteOptions {
  open(): Promise<ObjectStore>;
  /** GETs what `presign` handed out; default `fetch`, for stores whose URLs somebody serves. */
  fetchUrl?: (url: string) => Promise<{ status: number; bytes: Uint8Array; contentType: string | null }>;
  /** Why altered URLs cannot be tried, where the server behind the store does not check signatures. */
  acceptsAlteredUrls?: string;
}

/** What every ObjectStore does, whatever it keeps its objects in. Uses keys of its own and deletes them. */
export function objectStoreSuite(name: string, { open, fetchUrl = fetchBytes, acceptsAlteredUrls }: ObjectStoreSuiteOptions): void {
  describe(`${name} as an ObjectStore`, () => {
    const folder = `suite-${randomUUID()}`;
    const used = new Set<string>();
    const keyOf = (file: string): string => {
      used.add(`${folder}/${file}`);
      return `${folder}/${file}`;
    };
    let store: ObjectStore;
    beforeAll(async () => void (store = await open()));
    afterAll(async () => {
      for (const key of used) await store.delete(key);
      await store.close();
    });

    it('gives back the bytes, size and content type it was given', async () => {
      const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 31) % 256);
      const key = keyOf('deep/er/0.png');
      expect(await store.put(key, bytes, png)).toBe('stored');
      const found = await store.get(key);
      expect(Buffer.compare(found!.bytes, bytes)).toBe(0);
      expect(found).toMatchObject({ sizeBytes: 100_000, contentType: 'image/png' });
      expect(await store.head(key)).toEqual({ sizeBytes: 100_000, contentType: 'image/png' });
    });

    it('keeps an empty object', async () => {
      const key = keyOf('empty.bin');
      await store.put(key, new Uint8Array(), { contentType: contentTypeOf(key) });
      expect(await store.get(key)).toMatchObject({ sizeBytes: 0 });
    });

    it('answers undefined for a key that nothing has', async () => {
      expect(await store.get(`${folder}/nothing.png`)).toBeUndefined();
      expect(await store.head(`${folder}/nothing.png`)).toBeUndefined();
    });

    it('lets the last writer win', async () => {
      const key = keyOf('twice.png');
      await store.put(key, bytesOf('first'), png);
      expect(await store.put(key, bytesOf('second'), png)).toBe('stored');
      expect(textOf(await store.get(key))).toBe('second');
    });

    it('leaves the first object alone where a write is for absent keys only', async () => {
      const key = keyOf('once.png');
      expect(await store.put(key, bytesOf('first'), { ...png, ifAbsent: true })).toBe('stored');
      expect(await store.put(key, bytesOf('second'), { ...png, ifAbsent: true })).toBe('present');
      expect(textOf(await store.get(key))).toBe('first');
    });

    it('shows a reader whole objects only, however many write at once', async () => {
      const key = keyOf('raced.png');
      const versions = Array.from({ length: 8 }, (_, index) => new Uint8Array(50_000).fill(index));
      const writes = Promise.all(versions.map((bytes) => store.put(key, bytes, png)));
      for (let read = 0; read < 10; read += 1) {
        const found = await store.get(key);
        if (found) expect([found.sizeBytes, new Set(found.bytes).size]).toEqual([50_000, 1]);
      }
      await writes;
      expect(new Set((await store.get(key))!.bytes).size).toBe(1);
    });

    it('puts what is made as it is written, whole and on condition', async () => {
      const key = keyOf('made.jsonl');
      const line = Buffer.alloc(70_000, 'x');
      const payload = { sizeBytes: 30 * line.byteLength, async *open() { for (let i = 0; i < 30; i += 1) yield line; } };
      const jsonl = { contentType: 'application/jsonl', ifAbsent: true };
      expect(await store.put(key, payload, jsonl)).toBe('stored');
      expect(await store.put(key, payload, jsonl)).toBe('present');
      expect(Buffer.concat(Array<Buffer>(30).fill(line)).equals((await store.get(key))!.bytes)).toBe(true);
    });

    it('writes what comes in pieces, and reads it in slices', async () => {
      const key = keyOf('long.jsonl');
      const whole = Buffer.from(Array.from({ length: 9_000 }, (_, index) => `line ${index}\n`.repeat(100)).join(''));
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (let from = 0; from < whole.length; from += 60_000) yield whole.subarray(from, from + 60_000);
      }
      expect(await store.write(key, pieces(), { contentType: 'application/jsonl' })).toBe(whole.length);
      const read: Uint8Array[] = [];
      for (let from = 0, slice; (slice = await store.slice(key, { from, bytes: 3_000_000 }))!.length > 0; from += slice!.length) read.push(slice!);
      expect(Buffer.concat(read).equals(whole)).toBe(true);
      expect((await store.slice(key, { from: 5, bytes: 3 }))!.length).toBe(3);
      expect(await store.slice(`${folder}/nothing.jsonl`, { from: 0, bytes: 10 })).toBeUndefined();
    });

    it('writes nothing of pieces that come to no good end', async () => {
      const key = keyOf('broken.jsonl');
      const fault = new SlipstreamError('body_too_large', 'enough');
      async function* pieces(): AsyncGenerator<Uint8Array> {
        yield bytesOf('begun');
        throw fault;
      }
      await expect(store.write(key, pieces(), { contentType: 'application/jsonl' })).rejects.toBe(fault);
      expect(await store.head(key)).toBeUndefined();
      async function* none(): AsyncGenerator<Uint8Array> {}
      expect(await store.write(key, none(), { contentType: 'application/jsonl' })).toBe(0);
      expect(await store.slice(key, { from: 0, bytes: 10 })).toHaveLength(0);
    });

    it('deletes, and takes a second delete for done', async () => {
      const key = keyOf('gone.png');
      await store.put(key, bytesOf('x'), png);
      await store.delete(key);
      expect(await store.get(key)).toBeUndefined();
      await expect(store.delete(key)).resolves.toBeUndefined();
    });

    it.each(['../up.png', '/abs.png', 'a/../../up.png', 'a//b.png', '.hidden/x.png', 'a/..', 'back\\slash.png', 'nul\0.png', '', 'a/%2e%2e/b.png', `${'x'.repeat(600)}.png`])(
      'refuses the key %j in every method',
      async (key) => {
        const refusal = expect.objectContaining({ code: 'picture_not_found', retryable: false });
        await expect(store.put(key, bytesOf('x'), png)).rejects.toEqual(refusal);
        await expect(store.get(key)).rejects.toEqual(refusal);
        await expect(store.head(key)).rejects.toEqual(refusal);
        await expect(store.delete(key)).rejects.toEqual(refusal);
        await expect(store.presign(key, { expiresInSeconds: 60 })).rejects.toEqual(refusal);
      },
    );

    it('refuses a content type that is not the extension’s', async () => {
      await expect(store.put(`${folder}/0.png`, bytesOf('x'), { contentType: 'image/webp' })).rejects.toMatchObject({ retryable: false });
      expect(await store.get(`${folder}/0.png`)).toBeUndefined();
    });

    it('writes nothing when the caller has gone before', async () => {
      const key = keyOf('aborted.png');
      const signal = AbortSignal.abort();
      await expect(store.put(key, bytesOf('x'), { ...png, signal })).rejects.toMatchObject({ name: 'AbortError' });
      expect(await store.get(key)).toBeUndefined();
    });

    it('is ready while it can be written to, and says where it is', async () => {
      await expect(store.check()).resolves.toBeUndefined();
      expect(store.address).toMatch(/^(file|s3|memory):/);
    });

    it('hands out a URL that serves the object', async () => {
      const key = keyOf('shown.png');
      await store.put(key, bytesOf('picture'), png);
      const url = await store.presign(key, { expiresInSeconds: 60 });
      const answer = await fetchUrl(url);
      expect([answer.status, new TextDecoder().decode(answer.bytes), answer.contentType]).toEqual([200, 'picture', 'image/png']);
    });

    if (acceptsAlteredUrls) console.log(`skipped: ${name} refuses an altered URL, because ${acceptsAlteredUrls}`);
    it.skipIf(acceptsAlteredUrls)('refuses an altered URL', async () => {
      const url = await store.presign(`${folder}/any.png`, { expiresInSeconds: 60 });
      expect((await fetchUrl(url.replace(/signature=[^&]{6}/i, 'signature=AAAAAA'))).status).toBe(403);
    });
  });
}

async function fetchBytes(url: string): Promise<{ status: number; bytes: Uint8Array; contentType: string | null }> {
  const answer = await fetch(url);
  return { status: answer.status, bytes: new Uint8Array(await answer.arrayBuffer()), contentType: answer.headers.get('content-type') };
}
