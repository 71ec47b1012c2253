/** Works at `most` items at a time and yields what comes of them in their order: as many at once as are ready, at least one. */
export async function* inOrder<T, R>(source: AsyncIterable<T>, work: (item: T) => Promise<R>, most: number): AsyncGenerator<R[]> {
  const items = source[Symbol.asyncIterator]();
  const window: { result: Promise<R>; ready: boolean }[] = [];
  const begin = (item: T): void => {
    const place = { result: work(item), ready: false };
    place.result.then(() => (place.ready = true), () => {}); // thrown where it is awaited
    window.push(place);
  };
  for (let ended = false; ; ) {
    while (!ended && window.length < most) {
      const next = await items.next();
      if (next.done) ended = true;
      else begin(next.value);
    }
    if (window.length === 0) return;
    await window[0]!.result;
    const unready = window.findIndex(({ ready }, index) => index > 0 && !ready);
    yield await Promise.all(window.splice(0, unready < 0 ? window.length : unready).map(({ result }) => result));
  }
}
