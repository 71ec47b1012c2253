import { z } from 'zod';
import { imagesAnswer } from './answers.js';

const { size, quality, background, output_format, usage, id, slipstream } = imagesAnswer.shape;
const picture = {
  id,
  created_at: imagesAnswer.shape.created,
  index: z.int().nonnegative().meta({ description: 'Of the picture among those asked for' }),
  ...{ size, quality, background, output_format },
  b64_json: z.string().meta({ contentEncoding: 'base64' }),
};

/** What `stream: true` tells of one picture: OpenAI's members, with `id`, `index` and `slipstream` beside them. */
export const imageEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('image_generation.partial_image'), partial_image_index: z.int().nonnegative().meta({ description: 'Of this picture, from 0' }), ...picture }),
  z.object({ type: z.literal('image_generation.completed'), ...picture, usage, slipstream }),
]).meta({ id: 'ImageEvent', description: '`data` of a server-sent event of `POST /v1/images/generations`' });
export type ImageEvent = z.infer<typeof imageEvent>;
