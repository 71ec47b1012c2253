import { useState } from 'react';
import type { GenerationObject, ModelObject } from '@slipstream/client';
import { hrefOf } from '../page/route';
import { useServer } from '../page/server';
import { mapOf, Timeline } from '../studio/timeline';
import { presetsOf } from '../studio/presets';
import { wishAgain } from '../studio/wish';
import { Pictures } from './pictures';
import { Provenance } from './provenance';

/** One job: its pictures, what was asked for, how it was made, and what can be done about it. */
export function Job({ generation, onChanged }: { generation: GenerationObject; onChanged: () => void }) {
  const { status, prompt, seed, steps, error } = generation;
  return (
    <article className="job" aria-label={`${prompt}, seed ${seed}`}>
      <Pictures generation={generation} />
      <h2>{prompt}</h2>
      <p className="hint">{status !== 'completed' && <><span className="status" data-status={status}>{status.replace('_', ' ')}</span> · </>}seed {seed} · {generation.acceleration.strategy}</p>
      {mapOf(generation) !== '' && <Timeline steps={steps} map={mapOf(generation)} />}
      {error && <p className="fault">{error.message}</p>}
      <Choices generation={generation} onChanged={onChanged} />
      <details>
        <summary>How it was made</summary>
        <Provenance generation={generation} />
      </details>
    </article>
  );
}

function Choices({ generation, onChanged }: { generation: GenerationObject; onChanged: () => void }) {
  const { client, models: [model], report } = useServer();
  const [fault, setFault] = useState<string>();
  const { id, status } = generation;
  const cancel = async (): Promise<void> => {
    try {
      await client.cancel(id);
    } catch (error) {
      report(error);
      setFault(error instanceof Error ? error.message : String(error));
    }
    onChanged();
  };
  return (
    <div className="row">
      {status === 'queued' || status === 'in_progress'
        ? <><a className="button quiet small" href={hrefOf('studio', { rest: [id] })}>Watch</a><button type="button" className="quiet small" onClick={() => void cancel()}>Cancel</button></>
        : model && <Again generation={generation} model={model} />}
      {fault !== undefined && <p className="fault" role="alert">{fault}</p>}
    </div>
  );
}

/** The way to the studio with all that it was made from, and whether the same bytes will come of it. */
function Again({ generation, model }: { generation: GenerationObject; model: ModelObject }) {
  const wish = generation.model === model.id ? wishAgain(generation, presetsOf(model)) : undefined;
  if (!wish) return <p className="hint">Made by {generation.model}, {generation.acceleration.strategy}, which is not served any more.</p>;
  const isOther = generation.slipstream !== null && generation.slipstream.bundle !== model.slipstream.bundle;
  return (
    <>
      <a className="button quiet small" href={hrefOf('studio', { query: wish.asQuery })}>Run again</a>
      {isOther && <p className="hint">The model has changed since: the picture will be another.</p>}
    </>
  );
}
