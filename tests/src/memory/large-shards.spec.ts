import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { UrlSigner } from '@slipstream/storage';
import { ownService } from '../harness/index.js';
import { growth, tellsMemory } from './growth.js';

const tarBytes = 400_000_000;
const key = 'datasets/ds_large/files/large-000000.tar';
const service = ownService('large-shards');

it.skipIf(!tellsMemory)('a tar of 400 MB that is handed out from a folder is never in memory', async () => {
  const path = fileURLToPath(`${service.env['STORAGE_URL']}/${key}`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '');
  await truncate(path, tarBytes);
  const link = `${service.url}/v1/${key}?${new UrlSigner(service.env['SIGNING_KEY']!).sign(key, { expiresInSeconds: 600 })}`;
  const grown = await growth(service.gateway.pid, async () => {
    const answer = await fetch(link);
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-length')]).toEqual([200, 'application/x-tar', String(tarBytes)]);
    let read = 0;
    for await (const chunk of answer.body!) read += chunk.byteLength;
    expect(read).toBe(tarBytes);
  });
  expect(grown).toBeLessThan(tarBytes / 3);
}, 120_000);
