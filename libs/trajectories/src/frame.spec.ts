import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, type FrameForm } from './frame.js';
import { fromHalf, toHalf } from './half.js';

const form: FrameForm = { element: 'fp32', shape: [3, 2] };
const key = 'ab'.repeat(32);
const features = Float32Array.of(0, -0, 1e-40, -1.5, 3.4e38, 0.1);

describe('a frame', () => {
  it('gives back the bits of its features', () => {
    const back = decodeFrame(key, encodeFrame(key, features, form), form)!;
    expect(new Uint32Array(back.buffer)).toEqual(new Uint32Array(features.buffer));
  });

  it('in fp16 is half as large and gives back what a half can hold', () => {
    const half: FrameForm = { ...form, element: 'fp16' };
    const frame = encodeFrame(key, features, half);
    expect(frame.byteLength - 64).toBe((encodeFrame(key, features, form).byteLength - 64) / 2);
    expect([...decodeFrame(key, frame, half)!]).toEqual([0, -0, 0, -1.5, Infinity, 0.0999755859375]);
  });

  it('with any byte changed, or any part missing, is none', () => {
    const frame = encodeFrame(key, features, form);
    for (let at = 0; at < frame.length; at++) {
      const damaged = frame.slice();
      damaged[at]! ^= 1;
      expect(decodeFrame(key, damaged, form)).toBeUndefined();
      expect(decodeFrame(key, frame.subarray(0, at), form)).toBeUndefined();
    }
    expect(decodeFrame(key, Buffer.concat([frame, Buffer.of(0)]), form)).toBeUndefined();
  });

  it('of another key, shape or element is foreign', () => {
    const frame = encodeFrame(key, features, form);
    expect(decodeFrame('cd'.repeat(32), frame, form)).toBeUndefined();
    expect(decodeFrame(key, frame, { ...form, shape: [2, 3] })).toBeUndefined();
    expect(decodeFrame(key, frame, { shape: [6, 2], element: 'fp16' })).toBeUndefined();
  });

  it('is never made of what is no frame', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => void expect(decodeFrame(key, bytes, form)).toBeUndefined()));
  });
});

describe('a half', () => {
  it('comes back from its number, all 65,536 of them', () => {
    for (let half = 0; half < 2 ** 16; half++) {
      const value = fromHalf(half);
      if (Number.isNaN(value)) expect(fromHalf(toHalf(value))).toBeNaN();
      else if (toHalf(value) !== half) throw new Error(`${half} is ${value} and comes back as ${toHalf(value)}`);
    }
  });

  it('is the nearest to any number, and of two as near the even one', () => {
    fc.assert(fc.property(fc.float({ min: -65504, max: 65504, noNaN: true }), (value) => {
      const half = toHalf(value);
      const error = Math.abs(fromHalf(half) - value);
      for (const other of [half - 1, half + 1]) {
        if ((other & 0x7fff) >= 0x7c00 || other < 0 || (other ^ half) & 0x8000) continue;
        const rival = Math.abs(fromHalf(other) - value);
        expect(error < rival || (error === rival && half % 2 === 0)).toBe(true);
      }
    }));
  });
});
