import * as nodeFs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { FolderObjectStore, type FolderFs } from './folder-object-store.js';
import { MemoryObjectStore, objectStoreSuite } from './testing/index.js';
import { UrlSigner, type SignedQuery } from './url-signer.js';

const signer = new UrlSigner('a secret of the test, long enough');
const png = { contentType: 'image/png' };
const folders: string[] = [];
const newFolder = async (): Promise<string> => {
  const folder = await nodeFs.mkdtemp(join(tmpdir(), 'slipstream-store-'));
  folders.push(folder);
  return folder;
};
afterAll(() => Promise.all(folders.map((folder) => nodeFs.rm(folder, { recursive: true, force: true }))));

/** What the gateway does with a URL of the folder. */
const served = (store: () => FolderObjectStore | MemoryObjectStore) => async (url: string) => {
  const [path = '', query] = url.split('?');
  const key = path.replace(/^(http:\/\/[^/]+\/v1|memory:)\//, '');
  const verdict = signer.verify(key, Object.fromEntries(new URLSearchParams(query)) as unknown as SignedQuery);
  const found = verdict === 'valid' ? await store().get(key) : undefined;
  return { status: found ? 200 : 403, bytes: found?.bytes ?? new Uint8Array(), contentType: found?.contentType ?? null };
};

let suiteFolder: FolderObjectStore;
objectStoreSuite('FolderObjectStore', {
  open: async () => (suiteFolder = new FolderObjectStore({ directory: join(await newFolder(), 'made/on/demand'), publicUrl: 'http://gateway:8080/', signer })),
  fetchUrl: served(() => suiteFolder),
});

let suiteMemory: MemoryObjectStore;
objectStoreSuite('MemoryObjectStore', { open: async () => (suiteMemory = new MemoryObjectStore(signer)), fetchUrl: served(() => suiteMemory) });

describe('FolderObjectStore on a failing disk', () => {
  let directory: string;
  beforeEach(async () => void (directory = await newFolder()));
  const storeOn = (fs: Partial<FolderFs>) => new FolderObjectStore({ directory, publicUrl: 'http://gateway', signer, fs: { ...nodeFs, ...fs } });
  const refusing = (code: string) => async () => {
    throw Object.assign(new Error(`${code}: refused`), { code });
  };

  it('says that the disk is full, leaves nothing half-written, and writes again once there is room', async () => {
    let full = true;
    const store = storeOn({
      async writeFile(path, data, options) {
        if (!full) return nodeFs.writeFile(path, data, options);
        await nodeFs.writeFile(path, (data as Uint8Array).subarray(0, 3), options);
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      },
    });
    await expect(store.put('a/0.png', new Uint8Array(10), png)).rejects.toMatchObject({ code: 'storage_full', retryable: true, message: expect.stringContaining('free space') });
    await expect(store.check()).rejects.toMatchObject({ code: 'storage_full' });
    expect(await store.get('a/0.png')).toBeUndefined();
    expect(await nodeFs.readdir(join(directory, '.incoming'))).toEqual([]);
    full = false;
    expect(await store.put('a/0.png', new Uint8Array(10), png)).toBe('stored');
  });

  it('keeps the object there was when writing its successor fails', async () => {
    const store = storeOn({});
    await store.put('a/0.png', new Uint8Array([1]), png);
    await expect(storeOn({ rename: refusing('ENOSPC') as never }).put('a/0.png', new Uint8Array([2]), png)).rejects.toMatchObject({ code: 'storage_full' });
    expect((await store.get('a/0.png'))?.bytes[0]).toBe(1);
    expect(await nodeFs.readdir(join(directory, '.incoming'))).toEqual([]);
  });

  it.each([
    ['EACCES', 'storage_denied', false],
    ['EROFS', 'storage_denied', false],
    ['EDQUOT', 'storage_full', true],
    ['EIO', 'storage_unavailable', true],
  ])('names %s as %s with the folder and a remedy', async (errno, code, retryable) => {
    const failure = storeOn({ writeFile: refusing(errno) as never }).put('a/0.png', new Uint8Array(1), png);
    await expect(failure).rejects.toMatchObject({ code, retryable, message: expect.stringContaining(directory) });
  });

  it('says so when a file is where its folder should be', async () => {
    await nodeFs.writeFile(join(directory, 'file'), '');
    const store = new FolderObjectStore({ directory: join(directory, 'file'), publicUrl: '', signer });
    await expect(store.check()).rejects.toMatchObject({ code: 'storage_unavailable', message: expect.stringContaining('STORAGE_URL') });
  });
});

describe('FolderObjectStore without a signer', () => {
  it('stores, and names SIGNING_KEY when asked for a link', async () => {
    const store = new FolderObjectStore({ directory: await newFolder() });
    expect(await store.put('a/0.png', new Uint8Array(1), png)).toBe('stored');
    await expect(store.presign('a/0.png', { expiresInSeconds: 1 })).rejects.toMatchObject({ code: 'configuration_invalid', param: 'SIGNING_KEY' });
  });
});
