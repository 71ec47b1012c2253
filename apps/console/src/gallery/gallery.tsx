import { useEffect, useState } from 'react';
import type { GenerationObject } from '@slipstream/client';
import { useServer } from '../page/server';

/** What was asked for lately. */
export function Gallery() {
  const { client, state, visit, report } = useServer();
  const [generations, setGenerations] = useState<readonly GenerationObject[]>([]);
  useEffect(() => {
    if (state !== 'here') return undefined;
    const leave = new AbortController();
    client.list({ limit: 50 }, { signal: leave.signal }).then(({ data }) => setGenerations(data), (error: unknown) => leave.signal.aborted || report(error));
    return () => leave.abort();
  }, [client, state, visit, report]);
  return (
    <section aria-labelledby="gallery-title">
      <h1 id="gallery-title">Gallery</h1>
      {generations.length === 0 && <p className="hint">Nothing was asked for lately.</p>}
      <ul>
        {generations.map(({ id, prompt, seed, status }) => <li key={id}>{prompt}, seed {seed}: {status}</li>)}
      </ul>
    </section>
  );
}
