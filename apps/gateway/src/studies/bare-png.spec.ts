import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { barePng } from './bare-png.js';

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** The checksum is not looked at, and kept as it is. */
const chunk = (type: string, data: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(type, 'latin1'), data, Buffer.from('sum!')]);
};
const pixels = [chunk('IHDR', Buffer.alloc(13)), chunk('IDAT', deflateSync(Buffer.alloc(100)))];

describe('barePng', () => {
  it('leaves out whatever is not of the pixels, wherever it stands', () => {
    const end = chunk('IEND', Buffer.alloc(0));
    const told = ['tEXt', 'iTXt', 'zTXt', 'eXIf', 'tIME', 'iCCP'].map((type) => chunk(type, Buffer.from('strategy: shortcut')));
    const bare = barePng(Buffer.concat([signature, told[0]!, pixels[0]!, ...told, pixels[1]!, ...told, end]));
    expect(bare).toEqual(Buffer.concat([signature, ...pixels, end]));
  });

  it('refuses what ends too early', () => {
    expect(() => barePng(Buffer.concat([signature, pixels[0]!.subarray(0, 20)]))).toThrow(RangeError);
  });
});
