import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { fromHalf, toHalf } from './half.js';

/** How the numbers of a frame are kept. `fp16` rounds them, so what is made from them has other bits. */
export type ElementType = 'fp32' | 'fp16';

export interface FrameForm {
  readonly element: ElementType;
  /** (positions, channels) of one branch. */
  readonly shape: readonly [number, number];
}

const magic = 'SLPA';
const version = 1;
const elements: readonly ElementType[] = ['fp32', 'fp16'];
const sizes: Record<ElementType, number> = { fp32: 4, fp16: 2 };
/** magic 4 · version 1 · element 1 · reserved 2 · positions 4 · channels 4 · key 32 · checksum 16, all little-endian. */
const headBytes = 64;
const checksumAt = 48;

/** Features under their key as bytes that say what they are and whether they are whole. */
export function encodeFrame(key: string, features: Float32Array, { element, shape }: FrameForm): Uint8Array {
  const frame = Buffer.alloc(headBytes + features.length * sizes[element]);
  frame.write(magic, 0, 'latin1');
  frame.set([version, elements.indexOf(element)], 4);
  shape.forEach((size, axis) => frame.writeUInt32LE(size, 8 + 4 * axis));
  frame.write(key, 16, 'hex');
  const numbers = element === 'fp32' ? features : Uint16Array.from(features, toHalf);
  frame.set(Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength), headBytes);
  swapped(frame.subarray(headBytes), sizes[element]);
  frame.set(checksum(frame), checksumAt);
  return frame;
}

/** The features of a frame, or undefined when it is damaged, of another version or form, or of another key. */
export function decodeFrame(key: string, bytes: Uint8Array, { element, shape }: FrameForm): Float32Array | undefined {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = shape[0] * shape[1];
  if (frame.length !== headBytes + count * sizes[element]) return undefined;
  const known = frame.toString('latin1', 0, 4) === magic && frame[4] === version && elements[frame[5]!] === element && frame.toString('hex', 16, 48) === key;
  if (!known || shape.some((size, axis) => frame.readUInt32LE(8 + 4 * axis) !== size)) return undefined;
  if (!checksum(frame).equals(frame.subarray(checksumAt, headBytes))) return undefined;
  const payload = swapped(Buffer.from(new Uint8Array(frame.subarray(headBytes)).buffer), sizes[element]); // aligned, as a view into a reply need not be
  const numbers = element === 'fp32' ? new Float32Array(payload.buffer) : new Uint16Array(payload.buffer);
  return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers, fromHalf);
}

/** Little-endian from this machine's order, or back: in place, and on most machines nothing to do. */
function swapped(bytes: Buffer, size: number): Buffer {
  if (endianness() === 'LE') return bytes;
  return size === 4 ? bytes.swap32() : bytes.swap16();
}

/** Of everything but itself. */
function checksum(frame: Buffer): Buffer {
  return createHash('sha256').update(frame.subarray(0, checksumAt)).update(frame.subarray(headBytes)).digest().subarray(0, headBytes - checksumAt);
}
