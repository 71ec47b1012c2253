import type { GenerationQueue } from '@slipstream/queue';
import { describe, expect, it } from 'vitest';
import { Patience } from './patience.js';
import { WaitingRoom } from './waiting-room.js';

/** A queue in which nothing ever settles, and which remembers what was cancelled. */
function endlessQueue() {
  const cancelled: string[] = [];
  const queue = {
    follow: (_id: string, signal: AbortSignal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    cancel: async (id: string) => void cancelled.push(id),
  };
  return { cancelled, room: new WaitingRoom(queue as unknown as GenerationQueue) };
}

describe('the waiting room', () => {
  it('cancels for a client that hung up', async () => {
    const { cancelled, room } = endlessQueue();
    const patience = new Patience(60);
    const settled = room.settled('gen_a', patience);
    patience.end('disconnected');
    await expect(settled).rejects.toMatchObject({ code: 'generation_cancelled' });
    expect(cancelled).toEqual(['gen_a']);
  });

  it.each(['limit', 'leaving'] as const)('lets the generation go on without its client: %s', async (why) => {
    const { cancelled, room } = endlessQueue();
    const patience = new Patience(60);
    const settled = room.settled('gen_a', patience);
    patience.end(why);
    expect(await settled).toBeUndefined();
    expect(cancelled).toEqual([]);
  });

  it('is empty after its drain, of those who come late as well', async () => {
    const { room } = endlessQueue();
    const settled = room.settled('gen_a', new Patience(60));
    await room.drain(10);
    expect(await settled).toBeUndefined();
    expect(await room.settled('gen_b', new Patience(60))).toBeUndefined();
  });

  it('has nothing to wait for when nobody waits', async () => {
    await endlessQueue().room.drain(60_000);
  });
});
