import type { GenerationJob } from '@slipstream/contracts';
import type { JobContext } from '@slipstream/queue';
import { describe, expect, it } from 'vitest';
import { Previewer } from './previewer.js';

const preview = (step: number) => ({ step, masked: '01', width: 2, height: 2, pixels: new Uint8Array(16).fill(step) });

describe('a previewer', () => {
  it('shows the first and the latest, and leaves out what came too fast', async () => {
    const shown: { index: number; step: number; magic: string }[] = [];
    const context: Pick<JobContext, 'preview'> = { preview: async (index, { step, bytes }) => void shown.push({ index, step, magic: Buffer.from(bytes).toString('latin1', 1, 4) }) };
    const previewer = new Previewer({ job: { settings: { outputFormat: 'png', outputCompression: 100, background: 'transparent' } } as GenerationJob, index: 3, context: context as JobContext });
    for (const step of [1, 2, 3]) previewer.show(preview(step));
    await previewer.shown();
    previewer.show(preview(4));
    await previewer.shown();
    expect(shown).toEqual([1, 3, 4].map((step) => ({ index: 3, step, magic: 'PNG' })));
  });
});
