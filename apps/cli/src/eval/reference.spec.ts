import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseManifest } from '@slipstream/contracts';
import { describe, expect, it } from 'vitest';
import { readPictures, readReference } from './reference.js';

const imported = fileURLToPath(new URL('../../../../tests/maskgit-tiny', import.meta.url));

describe('the reference of a bundle of published weights', () => {
  it('names classes to measure on, and is refused where pictures are to be judged', async () => {
    const manifest = parseManifest(await readFile(join(imported, 'manifest.json'), 'utf8'));
    expect((await readReference(imported, manifest)).prompts.names).toEqual(Array.from({ length: 10 }, (_, label) => `${label}`));
    await expect(readPictures(imported, manifest)).rejects.toMatchObject({ code: 'configuration_invalid', param: '--bundle', message: expect.stringMatching(/maskgit-tiny has no reference pictures.*bench/) });
  });
});
