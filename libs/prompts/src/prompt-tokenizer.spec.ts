import { describe, expect, it } from 'vitest';
import { PromptTokenizer } from './prompt-tokenizer.js';

/** Reads a letter as a token, and ", " as none. */
const vocab = { '[UNK]': 0, a: 1, b: 2, '<': 3, '>': 4 };
const letters = { version: '1.0', added_tokens: [], normalizer: null, pre_tokenizer: { type: 'Split', pattern: { Regex: '[, ]+' }, behavior: 'Removed', invert: false }, post_processor: null, decoder: null, model: { type: 'BPE', vocab, merges: [], unk_token: '[UNK]' } };
const files = new Map([['tokenizer.json', Buffer.from(JSON.stringify(letters))]]);
const base = { tokenizer: 'tokenizer.json', pad: 9, unknown: 0 };
const fitting = PromptTokenizer.of({ manifest: { prompt: { ...base, length: 6, template: '<{prompt}>', limit: 4 } }, files });
const cutting = PromptTokenizer.of({ manifest: { prompt: { ...base, length: 4 } }, files });
const tooLong = (says: RegExp) => expect.objectContaining({ code: 'invalid_request', param: 'prompt', message: expect.stringMatching(says) });

describe('a prompt in a template', () => {
  it('is refused where it does not fit, before it is encoded and then', () => {
    expect([...fitting.encode('abab')]).toEqual([3, 1, 2, 1, 2, 4]);
    fitting.refuseTooLong('abab');
    for (const refuse of [(text: string) => fitting.encode(text), (text: string) => fitting.refuseTooLong(text)]) expect(() => refuse('ababa')).toThrow(tooLong(/has 5 tokens, but the model reads at most 4/));
  });

  it('is judged by its beginning where it is long, with or without a space in it', () => {
    for (const text of ['a'.repeat(32_000), 'ab '.repeat(10_000)]) expect(() => fitting.refuseTooLong(text)).toThrow(tooLong(/has more than 4 tokens/));
  });

  it('is left to whoever encodes it where its beginning has few tokens', () => {
    const text = `ab${', '.repeat(100)}ab`;
    fitting.refuseTooLong(text);
    expect([...fitting.encode(text)]).toEqual([3, 1, 2, 1, 2, 4]);
  });
});

it('a prompt without a template always fits: it is cut', () => {
  cutting.refuseTooLong('a'.repeat(32_000));
  expect([...cutting.encode('ababab')]).toEqual([1, 2, 1, 2]);
  expect([...cutting.encode('a')]).toEqual([1, 9, 9, 9]);
});
