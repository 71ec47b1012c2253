import { decode } from 'fast-png';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { contentTypes, encodePicture, type PictureFormat } from './encode-picture.js';
import type { Picture } from './picture.js';
import { readPngText } from './png-text.js';

const size = { width: 16, height: 8 };

/** Left half fully transparent red, right half solid blue. */
const picture: Picture = {
  ...size,
  pixels: Uint8Array.from(
    Array.from({ length: 16 * 8 }, (_, p) => (p % 16 < 8 ? [255, 0, 0, 0] : [0, 0, 255, 255])).flat(),
  ),
};

const pixelAt = (data: ArrayLike<number>, channels: number, x: number): number[] =>
  Array.from({ length: channels }, (_, c) => data[x * channels + c] as number);

describe('encodePicture', () => {
  it('keeps every pixel and the alpha in a transparent PNG', async () => {
    const png = decode(await encodePicture(picture, { format: 'png' }));
    expect({ width: png.width, height: png.height, channels: png.channels }).toEqual({ ...size, channels: 4 });
    expect(Uint8Array.from(png.data)).toEqual(picture.pixels);
  });

  it.each(['transparent', 'opaque'] as const)('natively makes the same %s picture, in fewer bytes than pixels', async (background) => {
    const [native, portable] = [await encodePicture(picture, { format: 'png', background, native: true }), await encodePicture(picture, { format: 'png', background })];
    expect(decode(native)).toMatchObject({ ...size, channels: background === 'opaque' ? 3 : 4, depth: 8 });
    expect(Uint8Array.from(decode(native).data)).toEqual(Uint8Array.from(decode(portable).data));
    expect(Uint8Array.from(await sharp(native).raw().toBuffer())).toEqual(Uint8Array.from(decode(portable).data));
    expect(native.length).toBeLessThan(picture.pixels.length);
  });

  it('lays an opaque PNG over white', async () => {
    const png = decode(await encodePicture(picture, { format: 'png', background: 'opaque' }));
    expect(png.channels).toBe(3);
    expect(pixelAt(png.data, 3, 0)).toEqual([255, 255, 255]);
    expect(pixelAt(png.data, 3, 15)).toEqual([0, 0, 255]);
  });

  it('rounds half-transparent colours to nearest', async () => {
    const grey = { width: 1, height: 1, pixels: Uint8Array.of(0, 100, 255, 128) };
    expect(pixelAt(decode(await encodePicture(grey, { format: 'png', background: 'opaque' })).data, 3, 0)).toEqual([
      127, 177, 255,
    ]);
  });

  it('writes JPEG on white whatever the background', async () => {
    const jpeg = await encodePicture(picture, { format: 'jpeg', background: 'transparent', compression: 100 });
    const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
    expect({ width: info.width, height: info.height, channels: info.channels }).toEqual({ ...size, channels: 3 });
    for (const channel of pixelAt(data, 3, 1)) expect(channel).toBeGreaterThan(250);
  });

  it('keeps the alpha of WebP unless asked for an opaque one', async () => {
    const channels = async (background: 'transparent' | 'opaque'): Promise<boolean | undefined> =>
      (await sharp(await encodePicture(picture, { format: 'webp', background })).metadata()).hasAlpha;
    expect(await channels('transparent')).toBe(true);
    expect(await channels('opaque')).toBe(false);
  });

  it('makes smaller files of lower quality', async () => {
    const noisy = {
      width: 64,
      height: 64,
      pixels: Uint8Array.from({ length: 64 * 64 * 4 }, (_, i) => (i * 2654435761) >>> 24),
    };
    for (const format of ['jpeg', 'webp'] as const) {
      const low = await encodePicture(noisy, { format, compression: 5, background: 'opaque' });
      const high = await encodePicture(noisy, { format, compression: 95, background: 'opaque' });
      expect(low.length).toBeLessThan(high.length);
    }
  });

  it('gives the same bytes for the same picture and text', async () => {
    for (const format of Object.keys(contentTypes) as PictureFormat[]) {
      const options = { format, text: { seed: 7 } };
      expect(await encodePicture(picture, options)).toEqual(await encodePicture(picture, options));
    }
  });

  it('refuses pixels that do not fill the size', async () => {
    const short = { ...size, pixels: new Uint8Array(12) };
    await expect(encodePicture(short, { format: 'png' })).rejects.toThrow(/12 bytes are no RGBA picture of 16×8/);
  });
});

describe('the text of a PNG', () => {
  it('reads back what was written, in ASCII whatever the characters', async () => {
    const text = { prompt: 'Stück Pizza 🍕 \u0000 "quoted"', seed: 7, seconds: { engine: 0.25 } };
    const png = await encodePicture(picture, { format: 'png', text });
    expect(readPngText(png)).toEqual(text);
    expect(Buffer.from(png).includes('\\ud83c\\udf55')).toBe(true);
  });

  it('is absent when none was given', async () => {
    expect(readPngText(await encodePicture(picture, { format: 'png' }))).toBeUndefined();
  });
});
