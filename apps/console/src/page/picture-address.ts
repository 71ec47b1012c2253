import type { GenerationObject, PictureDatum } from '@slipstream/client';

/** A picture that came with its answer, as an address: the page's policy lets pictures come from nowhere else. */
export function pictureAddress(datum: PictureDatum, format: GenerationObject['output_format']): string {
  return 'url' in datum ? datum.url : dataAddress(datum.b64_json, format);
}

export const dataAddress = (base64: string, format: GenerationObject['output_format']): string => `data:image/${format};base64,${base64}`;

/** What is said of a picture that cannot be seen. */
export const nameOfPicture = ({ prompt, n }: Pick<GenerationObject, 'prompt' | 'n'>, index: number): string => (n === 1 ? prompt : `${prompt}, ${index + 1} of ${n}`);
