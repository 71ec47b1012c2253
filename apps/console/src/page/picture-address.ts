import type { GenerationObject, PictureDatum } from '@slipstream/client';

/** A picture that came with its answer, as an address: the page's policy lets pictures come from nowhere else. */
export function pictureAddress(datum: PictureDatum, format: GenerationObject['output_format']): string {
  return 'url' in datum ? datum.url : dataAddress(datum.b64_json, format);
}

export const dataAddress = (base64: string, format: GenerationObject['output_format']): string => `data:image/${format};base64,${base64}`;
