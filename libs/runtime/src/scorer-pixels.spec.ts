import { describe, expect, it } from 'vitest';
import type { ScorerManifest } from '@slipstream/contracts';
import { pixelTensor } from './scorer-pixels.js';

/** One row of two pixels: opaque red, half-transparent black. */
const picture = { width: 2, height: 1, pixels: Uint8Array.of(255, 0, 0, 255, 0, 0, 0, 51) };

function manifestOf(image: Partial<ScorerManifest['image']>, shape: number[]): ScorerManifest {
  const type = image.scale === 'bytes' ? 'uint8' : 'float32';
  return { name: 'example', image: { width: 2, height: 1, channels: 3, background: 'white', scale: 'unit', ...image }, graphs: { image: { inputs: [{ name: 'pixels', type, shape: ['rows', ...shape] }] } } } as unknown as ScorerManifest;
}
const values = (manifest: ScorerManifest): number[] => Array.from(pixelTensor([picture], manifest).data as Float32Array, (value) => Math.round(value * 1000) / 1000);

describe('pixelTensor', () => {
  it('hands RGBA bytes on as they are', () => {
    const tensor = pixelTensor([picture, picture], manifestOf({ channels: 4, background: 'none', scale: 'bytes' }, [1, 2, 4]));
    expect([tensor.type, tensor.dims]).toEqual(['uint8', [2, 1, 2, 4]]);
    expect(tensor.data).toEqual(Uint8Array.of(...picture.pixels, ...picture.pixels));
  });

  it('lays three channels on white', () => {
    expect(values(manifestOf({ scale: 'bytes' }, [1, 2, 3]))).toEqual([255, 0, 0, 204, 204, 204]);
    expect(values(manifestOf({}, [1, 2, 3]))).toEqual([1, 0, 0, 0.8, 0.8, 0.8]);
  });

  it('sorts by channel where the graph asks for it', () => {
    expect(values(manifestOf({}, [3, 1, 2]))).toEqual([1, 0.8, 0, 0.8, 0, 0.8]);
  });

  it("takes ImageNet's mean off and divides by its deviation", () => {
    expect(values(manifestOf({ scale: 'imagenet' }, [1, 2, 3])).slice(0, 3)).toEqual([2.249, -2.036, -1.804]);
  });
});
