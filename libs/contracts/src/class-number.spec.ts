import { describe, expect, it } from 'vitest';
import { parseManifest } from './bundle-manifest.js';
import { classNumber } from './class-number.js';
import { parseGenerationRequest } from './generation-request.js';
import { resolveRequest } from './resolve-request.js';
import { classManifest } from './testing/index.js';

const imagenet = { name: 'maskgit-512', classes: 1000 };

describe('a prompt of a bundle of classes', () => {
  it.each([['0', 0], ['999', 999], [' 207\n', 207], ['007', 7]])('%j is a class', (prompt, number) => {
    expect(classNumber(prompt, imagenet)).toBe(number);
  });

  it.each(['1000', '-1', '1.5', '1e2', '0x1', 'goldfish', '1 2', '٣', '9'.repeat(400)])('%j is refused, naming the field and the classes', (prompt) => {
    expect(() => classNumber(prompt, imagenet)).toThrow(expect.objectContaining({
      code: 'invalid_request', param: 'prompt', message: expect.stringMatching(/^prompt is .{1,60}, but maskgit-512 draws classes, by number from 0 to 999; send a class, as in "prompt": "999"$/) as string,
    }));
  });

  it('is checked before a request is accepted', () => {
    const resolve = (prompt: string) => resolveRequest(parseGenerationRequest({ prompt }), classManifest(), () => 7);
    expect(resolve('9').prompt).toBe('9');
    expect(() => resolve('10')).toThrow(expect.objectContaining({ param: 'prompt' }));
  });
});

describe('the manifest of a bundle of classes', () => {
  it('needs no tokenizer', () => {
    const manifest = classManifest();
    const files = manifest.files.filter(({ path }) => path !== 'tokenizer.json');
    expect(parseManifest(JSON.stringify({ ...manifest, files })).prompt).toEqual({ classes: 10, length: 1, pad: 10 });
  });

  it('is refused where no class is not the number after the last', () => {
    expect(() => parseManifest(JSON.stringify({ ...classManifest(), prompt: { classes: 10, length: 1, pad: 0 } }))).toThrow(/prompt\.pad is not the number after the last class/);
  });
});
