import { decode } from 'fast-png';

/** Keyword of the tEXt chunk that says how a picture was made. */
export const pngTextKeyword = 'slipstream';

/** JSON whose characters beyond ASCII are escaped: a tEXt chunk is Latin-1 by the PNG specification (11.3.3). */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** What `encodePicture` wrote into a PNG as `text`; undefined when the PNG carries none. Throws on bytes that are no PNG. */
export function readPngText(png: Uint8Array): unknown {
  const text = decode(png).text[pngTextKeyword];
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
