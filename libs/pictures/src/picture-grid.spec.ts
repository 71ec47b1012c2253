import { describe, expect, it } from 'vitest';
import type { Picture } from './picture.js';
import { pictureGrid } from './picture-grid.js';

const solid = (red: number, size = 2): Picture => ({
  width: size,
  height: size,
  pixels: Uint8Array.from(Array.from({ length: size * size }, () => [red, 0, 0, 255]).flat()),
});

const redAt = ({ pixels, width }: Picture, x: number, y: number): number[] => [
  ...pixels.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
];

describe('pictureGrid', () => {
  it('puts rows below each other, pictures side by side, white between', () => {
    const grid = pictureGrid([[solid(1), solid(2)], [solid(3)]], { gap: 1 });
    expect([grid.width, grid.height]).toEqual([7, 7]);
    expect(redAt(grid, 1, 1)).toEqual([1, 0, 0, 255]);
    expect(redAt(grid, 4, 2)).toEqual([2, 0, 0, 255]);
    expect(redAt(grid, 2, 4)).toEqual([3, 0, 0, 255]);
    for (const [x, y] of [
      [0, 0],
      [3, 1],
      [4, 4],
      [6, 6],
    ] as const)
      expect(redAt(grid, x, y)).toEqual([255, 255, 255, 255]);
  });

  it('holds groups of rows apart', () => {
    const rows = [[solid(1)], [solid(2)], [solid(3)], [solid(4)]];
    const grid = pictureGrid(rows, { gap: 1, groups: { every: 2, gap: 5 } });
    expect(grid.height).toBe(1 + 4 * 3 + 5);
    expect(redAt(grid, 1, 4)).toEqual([2, 0, 0, 255]);
    expect(redAt(grid, 1, 7 + 5)).toEqual([3, 0, 0, 255]);
  });

  it('shows transparent pixels as white', () => {
    const clear = { width: 1, height: 1, pixels: Uint8Array.of(9, 9, 9, 0) };
    expect(redAt(pictureGrid([[clear]], { gap: 0 }), 0, 0)).toEqual([255, 255, 255, 255]);
  });

  it('refuses nothing at all and pictures of different sizes', () => {
    expect(() => pictureGrid([[]])).toThrow(/at least one picture/);
    expect(() => pictureGrid([[solid(1), solid(1, 3)]])).toThrow(/a 3×3 picture in a grid of 2×2/);
  });
});
