import { SlipstreamError } from '@slipstream/contracts';
import type { ObjectStore } from '@slipstream/storage';

/** Memory of one reader, and bytes of one question to the store. */
const sliceBytes = 1_048_576;

/**
 * The bytes of an object from a byte on, a slice at a time and each by a question of its own: a reader may take hours over
 * it, and holds no connection meanwhile.
 * @throws SlipstreamError `file_not_found` where it is gone, `storage_…`
 */
export async function* slicesOf(store: Pick<ObjectStore, 'slice'>, key: string, from = 0): AsyncGenerator<Uint8Array> {
  for (let at = from; ; ) {
    const slice = await store.slice(key, { from: at, bytes: sliceBytes });
    if (slice === undefined) throw new SlipstreamError('file_not_found', `${key} is no longer stored`, { remedy: 'send it again' });
    if (slice.byteLength === 0) return;
    yield slice;
    at += slice.byteLength;
  }
}
