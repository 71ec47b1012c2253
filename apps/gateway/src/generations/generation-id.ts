import { randomFillSync } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const timeBytes = 5;
const idBytes = 20;
const shape = /^gen_[a-z2-7]{32}$/;
const pool = Buffer.alloc(idBytes * 256);
let drawn = pool.length;

/** `gen_` and 32 base32 letters: 5 bytes of Unix seconds, then 120 random bits. Nobody guesses one; its age can be read. */
export function newGenerationId(now: Date = new Date()): string {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  const bytes = pool.subarray(drawn, drawn + idBytes);
  drawn += idBytes;
  bytes.writeUIntBE(Math.floor(now.getTime() / 1000), 0, timeBytes);
  return `gen_${base32(bytes)}`;
}

/** Unix seconds at which this id was drawn; undefined for what is no id of ours. */
export function createdAt(id: string): number | undefined {
  if (!shape.test(id)) return undefined;
  // 5 bytes are exactly 8 letters of 5 bits.
  return [...id.slice(4, 12)].reduce((seconds, letter) => seconds * 32 + alphabet.indexOf(letter), 0);
}

function base32(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 5) {
    // 40 bits at a time, in two halves of 20 that fit 32-bit arithmetic.
    const high = (bytes[at]! << 12) | (bytes[at + 1]! << 4) | (bytes[at + 2]! >> 4);
    const low = ((bytes[at + 2]! & 15) << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!;
    text += letters(high) + letters(low);
  }
  return text;
}

function letters(twentyBits: number): string {
  return (
    alphabet[twentyBits >> 15]! +
    alphabet[(twentyBits >> 10) & 31]! +
    alphabet[(twentyBits >> 5) & 31]! +
    alphabet[twentyBits & 31]!
  );
}
