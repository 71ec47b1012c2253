import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FrameStore } from '../frame-store.js';

export interface FrameStoreSuiteOptions {
  /** Two workers' stores over the same frames. */
  open(): Promise<readonly [FrameStore, FrameStore]>;
  /** Why nobody is told to wait, where the store cannot tell callers apart. */
  claimsNothing?: string;
}

/** What every FrameStore does, whatever it keeps its frames in. Uses keys of its own. */
export function frameStoreSuite(name: string, { open, claimsNothing }: FrameStoreSuiteOptions): void {
  describe(`${name} as a FrameStore`, () => {
    const lease = { leaseMs: 60_000 };
    const newKey = (): string => randomBytes(32).toString('hex');
    let [one, other]: FrameStore[] = [];
    beforeAll(async () => void ([one, other] = await open()));
    afterAll(() => Promise.all([one!.close(), other!.close()]));

    it('gives back every byte of a frame, to everybody, any number of times', async () => {
      const [key, frame] = [newKey(), randomBytes(50_000)];
      await one!.put(key, frame);
      for (const store of [one, other, one]) expect(Buffer.compare(Buffer.from((await store!.claim(key, lease)) as Uint8Array), frame)).toBe(0);
    });

    it('tells who asks for what nobody has to make it', async () => {
      expect(await one!.claim(newKey(), lease)).toBe('yours');
    });

    it('lets the last writer win', async () => {
      const key = newKey();
      await one!.put(key, Buffer.from('first'));
      await other!.put(key, Buffer.from('second'));
      expect(Buffer.from((await one!.claim(key, lease)) as Uint8Array).toString()).toBe('second');
    });

    it('releases what it never claimed without harm', async () => {
      await expect(one!.release(newKey())).resolves.toBeUndefined();
    });

    if (claimsNothing) console.log(`skipped: ${name} lets one worker make what another waits for, because ${claimsNothing}`);
    describe.skipIf(claimsNothing)('between two workers', () => {
      it('tells the second to wait until there is a frame', async () => {
        const key = newKey();
        expect(await one!.claim(key, lease)).toBe('yours');
        expect([await other!.claim(key, lease), await other!.claim(key, lease)]).toEqual(['awaited', 'awaited']);
        await one!.put(key, Buffer.from('made'));
        expect(Buffer.from((await other!.claim(key, lease)) as Uint8Array).toString()).toBe('made');
      });

      it('hands on what the first gave up, and only the first can', async () => {
        const key = newKey();
        await one!.claim(key, lease);
        await other!.release(key);
        expect(await other!.claim(key, lease)).toBe('awaited');
        await one!.release(key);
        expect(await other!.claim(key, lease)).toBe('yours');
        expect(await one!.claim(key, lease)).toBe('awaited');
      });

      it('hands on what the first claimed and then fell silent about', async () => {
        const key = newKey();
        await one!.claim(key, { leaseMs: 1 });
        let claim = await other!.claim(key, lease);
        for (const end = Date.now() + 5_000; claim === 'awaited' && Date.now() < end; ) claim = await other!.claim(key, lease);
        expect(claim).toBe('yours');
      });
    });
  });
}
