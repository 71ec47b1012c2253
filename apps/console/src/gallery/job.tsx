import { useState } from 'react';
import type { GenerationObject } from '@slipstream/client';
import { hrefOf } from '../page/route';
import { useServer } from '../page/server';
import { mapOf, Timeline } from '../studio/timeline';
import { wishOf } from '../studio/wish';
import { Pictures } from './pictures';
import { Provenance } from './provenance';

/** One job: its pictures, what was asked for, how it was made, and what can be done about it. */
export function Job({ generation, onChanged }: { generation: GenerationObject; onChanged: () => void }) {
  const { id, status, prompt, seed, steps, error } = generation;
  return (
    <article className="job" aria-label={`${prompt}, seed ${seed}`}>
      <Pictures generation={generation} />
      <h2>{prompt}</h2>
      <p className="hint"><span className="status" data-status={status}>{status.replace('_', ' ')}</span> · seed {seed} · {generation.acceleration.strategy}</p>
      {mapOf(generation) !== '' && <Timeline steps={steps} map={mapOf(generation)} />}
      {error && <p className="fault">{error.message}</p>}
      <Choices generation={generation} onChanged={onChanged} />
      <details>
        <summary>How it was made</summary>
        <Provenance generation={generation} />
      </details>
      <p className="hint id">{id}</p>
    </article>
  );
}

function Choices({ generation, onChanged }: { generation: GenerationObject; onChanged: () => void }) {
  const { client, report } = useServer();
  const [fault, setFault] = useState<string>();
  const { id, status, prompt, seed, acceleration: { strategy, budget } } = generation;
  const cancel = async (): Promise<void> => {
    try {
      await client.cancel(id);
    } catch (error) {
      report(error);
      setFault(error instanceof Error ? error.message : String(error));
    }
    onChanged();
  };
  const again = hrefOf('studio', { query: wishOf({ prompt, seed, strategy, budget, beside: false }).asQuery });
  return (
    <div className="row">
      {status === 'queued' || status === 'in_progress'
        ? <><a className="button quiet small" href={hrefOf('studio', { rest: [id] })}>Watch</a><button type="button" className="quiet small" onClick={() => void cancel()}>Cancel</button></>
        : <a className="button quiet small" href={again}>Run again</a>}
      {fault !== undefined && <p className="fault" role="alert">{fault}</p>}
    </div>
  );
}
