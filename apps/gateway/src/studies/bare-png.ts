const signatureBytes = 8;
/** All that a decoder needs of what an encoder writes; texts, times and profiles are not among it. */
const kept = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

/** The same picture without anything beside its pixels. Throws a RangeError for what is no PNG. */
export function barePng(png: Uint8Array): Buffer {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  const parts = [bytes.subarray(0, signatureBytes)];
  for (let at = signatureBytes; at < bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at); // length, type, data, checksum
    if (end > bytes.length) throw new RangeError('a PNG that ends too early');
    if (kept.has(bytes.toString('latin1', at + 4, at + 8))) parts.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(parts);
}
