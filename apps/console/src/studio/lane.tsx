import type { GenerationObject } from '@slipstream/client';
import { dataAddress, pictureAddress } from '../page/picture-address';
import { useServer } from '../page/server';
import { Mask } from './mask';
import { countsOf, mapOf, Timeline } from './timeline';
import { isRunning, useGeneration, type Seen } from './use-generation';
import { useNow } from './use-now';

/** One picture as it appears: what is to be seen of it, its clock, its steps. */
export function Lane({ id, title }: { id: string; title: string }) {
  const seen = useGeneration(id);
  const { generation, fault } = seen;
  return (
    <article className="lane" aria-label={title}>
      <h2>{generation ? nameOf(generation) : title}</h2>
      <Canvas seen={seen} />
      {fault !== undefined && <p className="fault" role="alert">{fault}</p>}
      {generation && (
        <>
          <div className="lane-line">
            <p className="clock"><Clock seen={seen} /></p>
            <p className="hint">step {generation.step} of {generation.steps}</p>
          </div>
          <Timeline steps={generation.steps} map={mapOf(generation)} />
          <p className="hint" role="status">{summaryOf(generation)}</p>
          <Actions seen={seen} />
        </>
      )}
    </article>
  );
}

function Canvas({ seen: { generation, preview } }: { seen: Seen }) {
  const made = generation?.data?.[0];
  const address = made && generation ? pictureAddress(made, generation.output_format) : preview && dataAddress(preview.b64_json, preview.output_format);
  const size = generation?.size.split('x').map(Number);
  return (
    <figure className="canvas" data-state={generation?.status ?? 'unknown'} style={{ aspectRatio: size ? `${size[0]} / ${size[1]}` : 1 }}>
      {address !== undefined && <img src={address} alt={made ? generation!.prompt : `${generation?.prompt ?? 'the picture'}, on its way`} />}
      {!made && preview?.masked !== undefined && <Mask grid={preview.grid} masked={preview.masked} />}
    </figure>
  );
}

/** Running as seen from here; in the end as the engine measured it. */
function Clock({ seen }: { seen: Seen }) {
  const { generation, startedMs, endedMs } = seen;
  const nowMs = useNow(isRunning(seen) && startedMs !== undefined);
  const engine = generation?.slipstream?.seconds.engine;
  if (engine !== undefined) return <>{engine.toFixed(2)}<small> s of engine</small></>;
  return <>{startedMs === undefined ? '0.00' : (Math.max(0, (endedMs ?? nowMs) - startedMs) / 1000).toFixed(2)}<small> s</small></>;
}

function Actions({ seen }: { seen: Seen }) {
  const { client, report } = useServer();
  const { generation } = seen;
  const made = generation?.data?.[0];
  if (made) return <p><a className="button quiet" href={pictureAddress(made, generation.output_format)} download={`${fileNameOf(generation)}`}>Download</a></p>;
  if (!generation || !isRunning(seen)) return null;
  return <p><button type="button" className="quiet" disabled={generation.status === 'cancelling'} onClick={() => void client.cancel(generation.id).catch(report)}>Cancel</button></p>;
}

const nameOf = ({ acceleration: { strategy, steps, budget } }: GenerationObject): string =>
  strategy === 'vanilla' ? 'vanilla, every step full' : budget < steps ? `${strategy}, at most ${budget} of ${steps} steps full` : strategy;

const fileNameOf = ({ prompt, seed, acceleration, output_format: format }: GenerationObject): string =>
  `${prompt.slice(0, 40).replace(/[^\p{L}\p{N}]+/gu, '-')}-${seed}-${acceleration.strategy}.${format}`;

function summaryOf(generation: GenerationObject): string {
  const { status, error } = generation;
  switch (status) {
    case 'queued': return 'Waiting for a worker.';
    case 'in_progress': return 'In the making.';
    case 'cancelling': return 'Stopping at its next step.';
    case 'cancelled': return 'Cancelled.';
    case 'expired': return 'Not started in time.';
    case 'failed': return `Failed: ${error?.message ?? 'no reason was given'}`;
    case 'completed': return `Done: ${countsOf(mapOf(generation))}.`;
  }
}
