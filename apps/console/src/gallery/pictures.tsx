import { useEffect, useRef, useState } from 'react';
import type { GenerationObject, PictureDatum } from '@slipstream/client';
import { nameOfPicture, pictureAddress } from '../page/picture-address';
import { useServer } from '../page/server';

/** The pictures of a job, asked for when they come into view. */
export function Pictures({ generation }: { generation: GenerationObject }) {
  const { id, status, output_format: format, n } = generation;
  const { client, report } = useServer();
  const place = useRef<HTMLDivElement>(null);
  const [data, setData] = useState<readonly PictureDatum[]>([]);
  useEffect(() => {
    if (status !== 'completed') return undefined;
    const leave = new AbortController();
    const look = new IntersectionObserver(([entry]) => {
      if (!entry!.isIntersecting) return;
      look.disconnect();
      client.get(id, { responseFormat: 'b64_json', signal: leave.signal }).then((made) => setData(made.data ?? []), (error: unknown) => leave.signal.aborted || report(error));
    }, { rootMargin: '300px' });
    look.observe(place.current!);
    return () => {
      look.disconnect();
      leave.abort();
    };
  }, [client, id, status, report]);
  return (
    <div ref={place} className="pictures" style={{ gridTemplateColumns: `repeat(${Math.ceil(Math.sqrt(n))}, 1fr)` }}>
      {data.map((datum, index) => <img key={index} src={pictureAddress(datum, format)} alt={nameOfPicture(generation, index)} />)}
      {status !== 'completed' && <span className="hint">{status.replace('_', ' ')}</span>}
    </div>
  );
}
