import { gzipSync } from 'node:zlib';
import { SlipstreamError } from '@slipstream/contracts';
import { describe, expect, it } from 'vitest';
import { dataPage, dictionaryPage, levels, makeParquet, plainTexts, thrift, varint, withFooter, zigzag } from '../../testing/make-parquet.js';
import { readParquet } from '../read-parquet.js';

async function promptsIn(bytes: Uint8Array): Promise<(string | undefined)[]> {
  const prompts: (string | undefined)[] = [];
  const file = { byteLength: bytes.byteLength, slice: async (from: number, end = bytes.byteLength) => bytes.slice(from, end).buffer as ArrayBuffer };
  for await (const { prompt } of readParquet(file, 'lies.parquet')) prompts.push(prompt);
  return prompts;
}

const honest = dataPage(plainTexts(['cat', 'dog']));
const billion = 1 << 30;
/** Values by a dictionary: the width of a number, and a run of so many of one. */
const indices = (count: number, value: number): Buffer => Buffer.concat([Buffer.from([8]), varint(BigInt(count) * 2n), Buffer.from([value])]);
/** Lengths that are all the same, as deltas of nothing. */
const sameLengths = (count: number, length: number): Buffer => Buffer.concat([varint(128n), varint(4n), varint(BigInt(count)), zigzag(BigInt(length)), zigzag(0n), Buffer.alloc(4), zigzag(0n), Buffer.alloc(4)]);
/** Lists in lists, each of as many as a list may say. */
const manyLists = Buffer.concat(Array.from({ length: 20 }, () => Buffer.concat([Buffer.from([0xf9]), varint(BigInt(1 << 24))])));

describe('a file made for tests', () => {
  it.each<[string, Uint8Array, (string | undefined)[]]>([
    ['plain', makeParquet({ pages: [honest] }), ['cat', 'dog']],
    ['in two pages', makeParquet({ pages: [dataPage(plainTexts(['cat']), { values: 1 }), dataPage(plainTexts(['dog']), { values: 1 })] }), ['cat', 'dog']],
    ['with nulls', makeParquet({ optional: true, pages: [dataPage(levels(0, 2))] }), [undefined, undefined]],
    ['with levels', makeParquet({ optional: true, pages: [dataPage(Buffer.concat([levels(1, 2), plainTexts(['cat', 'dog'])]))] }), ['cat', 'dog']],
    ['by a dictionary', makeParquet({ pages: [dictionaryPage(['cat', 'dog']), dataPage(indices(2, 1), { encoding: 8 })] }), ['dog', 'dog']],
    ['packed', makeParquet({ codec: 2, pages: [dataPage(plainTexts(['cat', 'dog']), { packed: gzipSync(plainTexts(['cat', 'dog'])) })] }), ['cat', 'dog']],
  ])('is read where it tells the truth: %s', async (_, bytes, prompts) => {
    expect(await promptsIn(bytes)).toEqual(prompts);
  });
});

const lies: [string, Uint8Array, RegExp][] = [
  ['a page claims two gigabytes unpacked', makeParquet({ codec: 6, pages: [dataPage(Buffer.from('x'), { bytes: 2 ** 31 - 1 })] }), /a page of it claims 2147483647 bytes; 134217728 are read/],
  ['a page claims less than nothing', makeParquet({ codec: 6, pages: [dataPage(Buffer.from('x'), { bytes: -5 })] }), /claims -5 bytes/],
  ['a page unpacks to more than it claims', makeParquet({ codec: 2, pages: [dataPage(plainTexts(['cat', 'dog']), { packed: gzipSync(Buffer.alloc(100_000_000)) })] }), /a page of it is damaged/],
  ['a page claims more bytes than are left', makeParquet({ pages: [{ ...honest, header: { 1: 0, 2: 14, 3: billion, 5: { 1: 2, 2: 0, 3: 3, 4: 3 } } }] }), /claims 1073741824 bytes where 14 are left/],
  ['a page claims a billion values', makeParquet({ rows: { file: billion }, pages: [dataPage(plainTexts(['cat', 'dog']), { values: billion })] }), /claims 1073741824 values; 2097152 are read/],
  ['a page claims more values than its rows', makeParquet({ pages: [dataPage(plainTexts(['cat', 'dog']), { values: 3 })] }), /claims 3 values where 2 are left/],
  ['a page is cut in its header', makeParquet({ pages: [honest], columnBytes: 5 }), /a page header of it is cut short/],
  ['a page is cut in its values', makeParquet({ pages: [dataPage(plainTexts(['cat', 'dog']).subarray(0, 9))] }), /a page of it is damaged/],
  ['a page is of no kind', makeParquet({ pages: [{ ...honest, header: { 1: 9, 2: 14, 3: 14 } }] }), /of no kind that Parquet has/],
  ['a page is encoded as nothing known', makeParquet({ pages: [dataPage(plainTexts(['cat', 'dog']), { encoding: 77 })] }), /which is not read/],
  ['a text goes on behind its page', makeParquet({ pages: [dataPage(Buffer.from([0, 4, 0, 0, 99, 0, 0, 0, 0])), honest] }), /a page of it is damaged/],
  ['levels repeat a billion times', makeParquet({ optional: true, pages: [dataPage(levels(1, billion))] }), /repeats more values than its 2/],
  ['numbers repeat a billion times', makeParquet({ pages: [dictionaryPage(['cat']), dataPage(indices(billion, 0), { encoding: 8 })] }), /repeats more values than its 2/],
  ['a number is not in the dictionary', makeParquet({ pages: [dictionaryPage(['cat']), dataPage(indices(2, 7), { encoding: 8 })] }), /value 7 of a dictionary of 1/],
  ['a dictionary claims a billion values', makeParquet({ pages: [dictionaryPage(['cat'], billion), honest] }), /its dictionary claims 1073741824 values in 7 bytes/],
  ['texts that each go on from one of a megabyte', makeParquet({ rows: { file: 250 }, pages: [dataPage(Buffer.concat([sameLengths(250, 1 << 20), sameLengths(250, 0)]), { values: 250, encoding: 7 })] }), /goes on from more than there is/],
  ['other rows in the groups than in the file', makeParquet({ pages: [honest], rows: { file: 9, group: 2 } }), /its row groups have other rows than its 9/],
  ['other values in the column than rows in its group', makeParquet({ pages: [honest], rows: { file: 2, column: 9 } }), /claims 9 values for 2 rows/],
  ['more rows than there are values', makeParquet({ pages: [honest], rows: { file: 5 } }), /it ends 3 values before its row group does, after row 2/],
  ['a column behind the end of the file', makeParquet({ pages: [honest], columnBytes: billion }), /claims bytes 4 to 1073741828 of the \d+ of the file/],
  ['a footer of lists in lists of millions', withFooter(Buffer.concat([Buffer.from([0x29]), manyLists])), /its footer is cut short/],
  ['a footer longer than the file', withFooter(thrift({ 1: 1 }), undefined, 4_000_000_000), /its footer claims 4000000000 bytes/],
  ['a footer of a number without an end', withFooter(Buffer.concat([Buffer.from([0x36]), Buffer.alloc(1_000_000, 0x80)])), /a number of too many bytes/],
  ['a footer of structs in structs', withFooter(Buffer.alloc(1_000_000, 0x1c)), /nests deeper/],
  ['a footer of nine megabytes', withFooter(Buffer.alloc(9_000_000)), /its footer has 9000000 bytes; 8388608 are read/],
  ['no footer at all', new Uint8Array(Buffer.from('PAR1 and no more')), /no Parquet file, or is cut short/],
];

describe('a file that lies', () => {
  it.each(lies)('is refused by name: %s', async (_, bytes, says) => {
    await expect(promptsIn(bytes)).rejects.toMatchObject({ code: 'invalid_request', param: 'prompts', message: expect.stringMatching(says) });
    await expect(promptsIn(bytes)).rejects.toThrow(/^prompts in lies\.parquet cannot be read as Parquet: it.*; write the file anew/);
  });

  it('never gets the memory that it claims', async () => {
    const before = process.resourceUsage().maxRSS;
    for (const [, bytes] of lies) await promptsIn(bytes).catch(() => undefined);
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(150_000); // kilobytes
  });

  it('gets nothing of the memory beside its pages', async () => {
    const beyond = dataPage(Buffer.from([200, 0, 0, 0, 99, 97, 116]), { values: 1 }); // a text of 200 bytes; small buffers lie in one piece of memory
    await expect(promptsIn(makeParquet({ rows: { file: 1 }, pages: [beyond] }))).rejects.toThrow(/a page of it is damaged/);
  });

  it('in the store is the fault of the store, not of the file', async () => {
    const file = { byteLength: 100, slice: () => Promise.reject(new SlipstreamError('storage_unavailable', 'away')) };
    await expect(readParquet(file, 'lies.parquet').next()).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
