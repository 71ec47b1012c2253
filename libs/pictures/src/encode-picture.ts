import { encode } from 'fast-png';
import sharp from 'sharp';
import { nativePng } from './native-png.js';
import { checkPicture, overWhite, type Picture } from './picture.js';
import { asciiJson, pngTextKeyword } from './png-text.js';

export type PictureFormat = 'png' | 'jpeg' | 'webp';

export interface EncodeOptions {
  readonly format: PictureFormat;
  /** `opaque` lays the picture over white. JPEG has no alpha and is always opaque. Default `transparent`. */
  readonly background?: 'transparent' | 'opaque';
  /** Quality of jpeg and webp, 0–100; default 90. PNG is lossless and ignores it. */
  readonly compression?: number;
  /** A JSON value kept in the PNG's text chunk; jpeg and webp carry none. */
  readonly text?: unknown;
  /** PNG without text by Node's zlib: far less work, the same bytes on machines of one kind only. Default false. */
  readonly native?: boolean;
}

/** Content type of a format, for HTTP and storage. */
export const contentTypes: Readonly<Record<PictureFormat, string>> = {
  png: 'image/png',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
};

/**
 * A picture as the bytes of a file. PNG is written in pure JavaScript, so equal pixels and text give equal bytes on
 * any machine; jpeg and webp are deterministic for one build of libvips. Throws a RangeError for an ill-sized picture.
 */
export async function encodePicture(picture: Picture, options: EncodeOptions): Promise<Uint8Array> {
  checkPicture(picture);
  const { format, background = 'transparent', compression = 90, text, native = false } = options;
  const opaque = background === 'opaque' || format === 'jpeg';
  const channels = opaque ? 3 : 4;
  const data = opaque ? overWhite(picture) : picture.pixels;
  const { width, height } = picture;
  switch (format) {
    case 'png':
      if (native && text === undefined) return nativePng({ width, height, channels, data });
      return encode(
        {
          width,
          height,
          channels,
          data,
          depth: 8,
          text: text === undefined ? {} : { [pngTextKeyword]: asciiJson(text) },
        },
        { zlib: { level: 6 } },
      );
    case 'jpeg':
      return sharp(data, { raw: { width, height, channels } })
        .jpeg({ quality: Math.max(1, compression) })
        .toBuffer();
    case 'webp':
      return sharp(data, { raw: { width, height, channels } }).webp({ quality: compression }).toBuffer();
  }
}
