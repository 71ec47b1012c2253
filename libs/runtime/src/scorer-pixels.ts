import { SlipstreamError, type ScorerManifest } from '@slipstream/contracts';
import { Tensor } from 'onnxruntime-node';

/** A picture to be scored. */
export interface ScoredPicture {
  /** (height, width, 4): RGBA with straight alpha. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** What networks trained on ImageNet expect, red, green, blue. */
const IMAGENET = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;

/** Pictures as the scorer's image graph takes them; `first` is the number of the first one, for the error about its size. */
export function pixelTensor(pictures: readonly ScoredPicture[], manifest: ScorerManifest, first = 0): Tensor {
  const { width, height, channels, scale } = manifest.image;
  pictures.forEach((picture, i) => requireSize(picture, manifest, first + i));
  const [input] = manifest.graphs.image.inputs;
  const shape = [pictures.length, ...(input!.shape.slice(1) as number[])];
  const size = width * height * channels;
  if (scale === 'bytes' && channels === 4 && shape[3] === 4) return new Tensor('uint8', joined(pictures, size), shape);
  const planes = shape[3] !== channels;
  const values = scale === 'bytes' ? new Uint8Array(pictures.length * size) : new Float32Array(pictures.length * size);
  pictures.forEach(({ pixels }, row) => {
    for (let at = 0; at < size; at += 1) {
      const [place, channel] = planes ? [at % (width * height), Math.floor(at / (width * height))] : [Math.floor(at / channels), at % channels];
      values[row * size + at] = scaled(channels === 4 ? pixels[place * 4 + channel]! : onWhite(pixels, place, channel), channel, scale);
    }
  });
  return new Tensor(scale === 'bytes' ? 'uint8' : 'float32', values, shape);
}

function requireSize({ pixels, width, height }: ScoredPicture, { name, image }: ScorerManifest, index: number): void {
  if (width === image.width && height === image.height && pixels.length === width * height * 4) return;
  const remedy = `use a scorer made for ${width}×${height} pictures, or scale the pictures`;
  throw new SlipstreamError('configuration_invalid', `picture ${index} is ${width}×${height} (${pixels.length} bytes), the scorer ${name} takes ${image.width}×${image.height}`, { param: `pictures.${index}`, remedy });
}

function joined(pictures: readonly ScoredPicture[], size: number): Uint8Array {
  const all = new Uint8Array(pictures.length * size);
  pictures.forEach(({ pixels }, i) => all.set(pixels, i * size));
  return all;
}

function onWhite(pixels: Uint8Array, place: number, channel: number): number {
  const alpha = pixels[place * 4 + 3]! / 255;
  return pixels[place * 4 + channel]! * alpha + 255 * (1 - alpha);
}

function scaled(byte: number, channel: number, scale: ScorerManifest['image']['scale']): number {
  if (scale === 'bytes') return Math.round(byte);
  if (scale === 'unit' || channel === 3) return byte / 255;
  return (byte / 255 - IMAGENET.mean[channel]!) / IMAGENET.deviation[channel]!;
}
