export interface Window<T> {
  /** Items at a time. */
  readonly most: number;
  /** What one takes, and what those at a time may take together; one alone may always. */
  readonly size: (item: T) => number;
  readonly mostSize: number;
}

/** Works at as many items at a time as the window has room for and yields what comes of them in their order: as many at once as are ready, at least one. */
export async function* inOrder<T, R>(source: AsyncIterable<T>, work: (item: T) => Promise<R>, { most, size, mostSize }: Window<T>): AsyncGenerator<R[]> {
  const items = source[Symbol.asyncIterator]();
  const window: { result: Promise<R>; size: number; ready: boolean }[] = [];
  let taken = 0;
  const begin = (item: T): void => {
    const place = { result: work(item), size: size(item), ready: false };
    place.result.then(() => (place.ready = true), () => {}); // thrown where it is awaited
    window.push(place);
    taken += place.size;
  };
  for (let ended = false; ; ) {
    while (!ended && window.length < most && taken < mostSize) {
      const next = await items.next();
      if (next.done) ended = true;
      else begin(next.value);
    }
    if (window.length === 0) return;
    await window[0]!.result;
    const unready = window.findIndex(({ ready }, index) => index > 0 && !ready);
    const done = window.splice(0, unready < 0 ? window.length : unready);
    taken -= done.reduce((sum, place) => sum + place.size, 0);
    yield await Promise.all(done.map(({ result }) => result));
  }
}
