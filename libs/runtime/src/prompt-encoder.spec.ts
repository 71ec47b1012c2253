import { beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from './bundle.js';
import { promptEncoder, type PromptEncoder } from './prompt-encoder.js';
import { BundleCopy, TINY_BUNDLE } from './testing/bundle-copy.js';
import { readGolden } from './testing/golden.js';

describe('prompt ids', () => {
  let tokenizer: PromptEncoder;
  beforeAll(async () => {
    tokenizer = promptEncoder(await loadBundle(TINY_BUNDLE));
  });

  it('are those of the trainer', async () => {
    const { trajectories } = await readGolden(TINY_BUNDLE);
    for (const { prompt, promptIds } of trajectories) expect([...tokenizer.encode(prompt)]).toEqual(promptIds);
  });

  it('do not depend on case, punctuation, spaces or the form of a letter', () => {
    const plain = tokenizer.encode('balloon bird');
    expect(tokenizer.encode('  BALLOON,\t\u{ff42}ird!! ')).toEqual(plain);
    expect(plain.slice(0, 3)).not.toContain(1);
  });

  it('of words never seen are the unknown word', () => {
    expect([...tokenizer.encode('qwxyz bird 漢字')].slice(0, 3).map((id) => id === 1)).toEqual([true, false, true]);
  });

  it('of an empty prompt, of spaces and of control characters are all padding', () => {
    for (const prompt of ['', ' \n ', '\u0000\u0007', '!?']) expect([...tokenizer.encode(prompt)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('of a prompt that is too long are its first words', () => {
    expect(tokenizer.encode('bird '.repeat(20_000))).toEqual(tokenizer.encode('bird '.repeat(8)));
  });

  it('cannot be had from a file that is not a tokenizer', async () => {
    await using copy = await BundleCopy.make();
    await copy.replace('tokenizer.json', '[]');
    const bundle = await loadBundle(copy.dir);
    expect(() => promptEncoder(bundle)).toThrow(expect.objectContaining({ code: 'bundle_invalid', param: 'tokenizer.json' }));
  });
});
