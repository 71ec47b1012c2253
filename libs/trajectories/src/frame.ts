import { createHash } from 'node:crypto';
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
  const payload = new DataView(frame.buffer, frame.byteOffset + headBytes);
  if (element === 'fp32') features.forEach((value, at) => payload.setFloat32(4 * at, value, true));
  else features.forEach((value, at) => payload.setUint16(2 * at, toHalf(value), true));
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
  const payload = new DataView(frame.buffer, frame.byteOffset + headBytes);
  const read = element === 'fp32' ? (at: number) => payload.getFloat32(4 * at, true) : (at: number) => fromHalf(payload.getUint16(2 * at, true));
  return Float32Array.from({ length: count }, (_, at) => read(at));
}

/** Of everything but itself. */
function checksum(frame: Buffer): Buffer {
  return createHash('sha256').update(frame.subarray(0, checksumAt)).update(frame.subarray(headBytes)).digest().subarray(0, headBytes - checksumAt);
}
