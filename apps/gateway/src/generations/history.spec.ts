import { describe, expect, it } from 'vitest';
import type { GenerationRecord, GenerationStatus } from '@slipstream/contracts';
import type { GenerationQueue } from '@slipstream/queue';
import type { Pictures } from '../pictures/pictures.js';
import type { Generations } from './generations.js';
import { History } from './history.js';

const pictures = ['pictures/gen_x/0.png', 'pictures/gen_x/1.png'];

/** A generation that was seen in one status and has settled by the time that the queue is asked. */
function seenAs(status: GenerationStatus) {
  const left = new Set(['record', ...pictures]);
  const history = new History(
    { remove: async () => (left.delete('record') ? 'deleted' : 'missing') } as Partial<GenerationQueue> as GenerationQueue,
    { find: async () => ({ status, settings: { n: 2, outputFormat: 'png' } }) as GenerationRecord } as Partial<Generations> as Generations,
    { remove: async (keys: readonly string[]) => keys.forEach((key) => left.delete(key)) } as Partial<Pictures> as Pictures,
  );
  return { left, forget: () => history.forget('gen_x', { tenant: { id: 'acme' } } as never) };
}

describe('to forget a generation', () => {
  it.each(['completed', 'cancelled', 'failed'] as const)('is to delete its record and every picture of it that may have been stored: %s', async (status) => {
    const { left, forget } = seenAs(status);
    await forget();
    expect([...left]).toEqual([]);
  });

  it('is refused to one that was seen in work, though it has ended a moment later: its pictures would be left', async () => {
    const { left, forget } = seenAs('in_progress');
    await expect(forget()).rejects.toMatchObject({ code: 'generation_unsettled' });
    expect([...left]).toEqual(['record', ...pictures]);
  });
});
