/** Pixels of one picture: RGBA, 8 bits a channel, straight (not premultiplied) alpha, row-major. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** width × height × 4 bytes. */
  readonly pixels: Uint8Array;
}

/** Throws a RangeError when the bytes do not fill the stated size. */
export function checkPicture({ width, height, pixels }: Picture): void {
  if (width > 0 && height > 0 && pixels.length === width * height * 4) return;
  throw new RangeError(`${pixels.length} bytes are no RGBA picture of ${width}×${height}`);
}

/** The picture laid over white: RGB, width × height × 3 bytes, rounded to nearest. */
export function overWhite({ width, height, pixels }: Picture): Uint8Array {
  const opaque = new Uint8Array(width * height * 3);
  for (let p = 0; p < width * height; p += 1) {
    const alpha = pixels[p * 4 + 3] as number;
    for (let c = 0; c < 3; c += 1) {
      const colour = pixels[p * 4 + c] as number;
      opaque[p * 3 + c] = Math.round((colour * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return opaque;
}
