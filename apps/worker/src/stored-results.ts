import { createHash } from 'node:crypto';
import { z } from 'zod';
import { stepMap, type GenerationSettings } from '@slipstream/contracts';
import type { SampleResult } from '@slipstream/runtime';
import { withDeadline } from '@slipstream/server-kit';
import type { ObjectStore } from '@slipstream/storage';
import { resultKey } from '@slipstream/trajectories';

const entry = z.object({
  /** Key of the picture in the store. */
  picture: z.string(),
  sha256: z.string(),
  stepMap,
  speedup: z.object({ value: z.number().positive(), baseline: z.string(), measured: z.boolean() }),
});

/** A picture that was made before, whole. */
export interface KnownPicture {
  readonly bytes: Uint8Array;
  /** Of the picture when it was made. */
  readonly made: Pick<SampleResult, 'stepMap' | 'speedup'>;
}

/** One finished picture: its settings, its own seed. */
export interface PictureOf {
  readonly settings: GenerationSettings;
  readonly seed: number;
}

/** Lookups and notes that take longer have failed. */
const timeoutMs = 1_000;

/**
 * Finds pictures that were made before, by all that decides their bytes. Notes lie beside the pictures in the object store
 * and name them; a picture that is gone, or not the one noted, is a miss, and so is a store that does not answer in time.
 */
export class StoredResults {
  /** `digest`: of the bundle. */
  constructor(
    private readonly store: Pick<ObjectStore, 'get' | 'put'>,
    private readonly digest: string,
  ) {}

  /** Rejects only with the signal's reason. */
  async find(picture: PictureOf, signal: AbortSignal): Promise<KnownPicture | undefined> {
    try {
      return await withDeadline(signal, timeoutMs, (ending) => this.look(picture, ending));
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  private async look(picture: PictureOf, signal: AbortSignal): Promise<KnownPicture | undefined> {
    const note = await this.store.get(this.noteOf(picture), { signal });
    if (!note) return undefined;
    const { picture: key, sha256, ...made } = entry.parse(JSON.parse(new TextDecoder().decode(note.bytes)));
    const found = await this.store.get(key, { signal });
    return found && hashOf(found.bytes) === sha256 ? { bytes: found.bytes, made } : undefined;
  }

  /** Notes a picture that is, or is about to be, stored under `key`. Never rejects: a note that is lost is a miss. */
  async note(picture: PictureOf, { key, bytes, made }: { key: string; bytes: Uint8Array; made: KnownPicture['made'] }): Promise<void> {
    const { stepMap, speedup } = made;
    const note = JSON.stringify({ picture: key, sha256: hashOf(bytes), stepMap, speedup } satisfies z.infer<typeof entry>);
    const options = { contentType: 'application/json', signal: AbortSignal.timeout(timeoutMs) };
    await this.store.put(this.noteOf(picture), new TextEncoder().encode(note), options).catch(() => {});
  }

  private noteOf({ settings, seed }: PictureOf): string {
    const key = resultKey(this.digest, settings, seed);
    return `results/${key.slice(0, 2)}/${key}.json`;
  }
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
