import { describe, expect, it } from 'vitest';
import type { GenerationRecord, GenerationStatus } from '@slipstream/contracts';
import type { GenerationQueue } from '@slipstream/queue';
import type { Pictures } from '../pictures/pictures.js';
import type { Generations } from './generations.js';
import { History } from './history.js';

const key = 'pictures/gen_x/0.png';

/** A generation that was seen in one status and has settled by the time that the queue is asked. */
function seenAs(status: GenerationStatus) {
  const left = new Set(['record', key]);
  const history = new History(
    { remove: async () => (left.delete('record') ? 'deleted' : 'missing') } as Partial<GenerationQueue> as GenerationQueue,
    { find: async () => ({ status, pictures: status === 'completed' ? [{ key }] : [] }) as unknown as GenerationRecord } as Partial<Generations> as Generations,
    { remove: async (pictures: readonly { key: string }[]) => pictures.forEach((picture) => left.delete(picture.key)) } as Partial<Pictures> as Pictures,
  );
  return { left, forget: () => history.forget('gen_x', { tenant: { id: 'acme' } } as never) };
}

describe('to forget a generation', () => {
  it('is to delete its pictures with its record', async () => {
    const { left, forget } = seenAs('completed');
    await forget();
    expect([...left]).toEqual([]);
  });

  it('is refused to one that was seen in work, though it has ended a moment later: its pictures would be left', async () => {
    const { left, forget } = seenAs('in_progress');
    await expect(forget()).rejects.toMatchObject({ code: 'generation_unsettled' });
    expect([...left]).toEqual(['record', key]);
  });
});
