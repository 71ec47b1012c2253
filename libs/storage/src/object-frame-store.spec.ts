import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { frameStoreSuite } from '@slipstream/trajectories/testing';
import { FolderObjectStore } from './folder-object-store.js';
import { ObjectFrameStore } from './object-frame-store.js';

let directory: string;
beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'slipstream-frames-'))));
afterAll(() => rm(directory, { recursive: true }));

frameStoreSuite('ObjectFrameStore over a folder', {
  open: async () => [new ObjectFrameStore(new FolderObjectStore({ directory }), 10_000), new ObjectFrameStore(new FolderObjectStore({ directory }), 10_000)],
  claimsNothing: 'an object store has no leases',
});
