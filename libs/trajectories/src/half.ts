const [float, bits] = shared();

/** A number in the 16 bits of IEEE 754 binary16, rounded to the nearest, ties to even; too large is infinite. */
export function toHalf(value: number): number {
  float[0] = value;
  const word = bits[0]!;
  const sign = (word >>> 16) & 0x8000;
  const rest = word & 0x7fffffff;
  if (rest > 0x7f800000) return sign | 0x7e00;
  if (rest >= 0x477ff000) return sign | 0x7c00; // rounds past the largest half
  if (rest >= 0x38800000) return sign | ((rest - 0x38000000 + 0xfff + ((rest >>> 13) & 1)) >>> 13);
  return sign | roundHalfEven(Math.abs(float[0]!) * 2 ** 24); // subnormal: a whole number of the smallest step
}

export function fromHalf(half: number): number {
  const [exponent, fraction] = [(half >>> 10) & 31, half & 1023];
  const size = exponent === 0 ? fraction * 2 ** -24 : exponent === 31 ? (fraction ? NaN : Infinity) : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return half & 0x8000 ? -size : size;
}

function roundHalfEven(value: number): number {
  const [floor, part] = [Math.floor(value), value % 1];
  return part > 0.5 || (part === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

function shared(): [Float32Array, Uint32Array] {
  const memory = new Float32Array(1);
  return [memory, new Uint32Array(memory.buffer)];
}
