import { describe, expect, it } from 'vitest';
import { linesOf, type Line } from './lines.js';

async function* slices(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function linesIn(text: string | Uint8Array, { size = 5, from = { lines: 0, bytes: 0 }, mostBytes = 100 } = {}): Promise<Line[]> {
  const bytes = Buffer.from(text as string);
  const found: Line[] = [];
  for await (const line of linesOf(slices(bytes.subarray(from.bytes), size), { from, mostBytes })) found.push(line);
  return found;
}

describe('the lines of a file', () => {
  it.each([1, 2, 3, 7, 1_000])('are the same in slices of %d bytes', async (size) => {
    const lines = await linesIn('first\r\n\n  \nlä\u2028st 😀\nlast', { size });
    expect(lines.map(({ number, text }) => [number, text?.trim()])).toEqual([[1, 'first'], [4, 'lä\u2028st 😀'], [5, 'last']]);
  });

  it('can be gone on with behind any of them', async () => {
    const text = 'one\ntwo\n\nfour\n';
    const all = await linesIn(text);
    for (const [index, { number, end }] of all.entries()) expect(await linesIn(text, { from: { lines: number, bytes: end } })).toEqual(all.slice(index + 1));
  });

  it('have no text where they are too long or not UTF-8, and harm no other', async () => {
    const lines = await linesIn(Buffer.concat([Buffer.from(`${'x'.repeat(200)}\nfine\n`), Buffer.from([0xff, 0xfe, 10]), Buffer.from('good')]), { mostBytes: 50 });
    expect(lines.map(({ text }) => text?.trim())).toEqual([undefined, 'fine', undefined, 'good']);
  });

  it('are none of an empty file', async () => {
    expect(await linesIn('')).toEqual([]);
  });
});
