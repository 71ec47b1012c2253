import { describe, expect, it } from 'vitest';
import { startProgress } from './progress.js';

function screenOf(isTTY: boolean): { stream: NodeJS.WriteStream; written: string[] } {
  const written: string[] = [];
  const stream = { isTTY, write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WriteStream;
  return { stream, written };
}

describe('startProgress', () => {
  it('writes plain lines, one a tenth at most, where no person watches', () => {
    const { stream, written } = screenOf(false);
    const progress = startProgress('eval', 1000, stream);
    for (let i = 0; i < 1000; i += 1) progress.advance(1);
    progress.end();
    expect(written).toHaveLength(10);
    expect(written[0]).toMatch(/^eval: 10 % after \d+ s\n$/);
    expect(written.join('')).not.toContain('\u001b');
  });
});
