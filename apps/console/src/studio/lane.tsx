import type { GenerationObject } from '@slipstream/client';
import { dataAddress, nameOfPicture, pictureAddress } from '../page/picture-address';
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
      <Canvases seen={seen} />
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

/** All pictures of a generation, in as many columns as rows. */
function Canvases({ seen }: { seen: Seen }) {
  const { n = 1 } = seen.generation ?? {};
  return <div className="canvases" style={{ gridTemplateColumns: `repeat(${Math.ceil(Math.sqrt(n))}, 1fr)` }}>{Array.from({ length: n }, (_, index) => <Canvas key={index} seen={seen} index={index} />)}</div>;
}

function Canvas({ seen: { generation, previews }, index }: { seen: Seen; index: number }) {
  const [made, preview] = [generation?.data?.[index], previews[index]];
  const address = made && generation ? pictureAddress(made, generation.output_format) : preview && dataAddress(preview.b64_json, preview.output_format);
  const size = generation?.size.split('x').map(Number);
  return (
    <figure className="canvas" data-state={generation?.status ?? 'unknown'} style={{ aspectRatio: size ? `${size[0]} / ${size[1]}` : 1 }}>
      {address !== undefined && <img src={address} alt={generation ? `${nameOfPicture(generation, index)}${made ? '' : ', on its way'}` : 'the picture, on its way'} />}
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
  if (generation?.data) {
    return (
      <p className="row">
        {generation.data.map((made, index) => <a key={index} className={generation.n > 1 ? 'button quiet small' : 'button quiet'} href={pictureAddress(made, generation.output_format)} download={fileNameOf(generation, index)}>Download{generation.n > 1 && ` ${index + 1}`}</a>)}
      </p>
    );
  }
  if (!generation || !isRunning(seen)) return null;
  return <p><button type="button" className="quiet" disabled={generation.status === 'cancelling'} onClick={() => void client.cancel(generation.id).catch(report)}>Cancel</button></p>;
}

const nameOf = ({ acceleration: { strategy, steps, budget } }: GenerationObject): string =>
  strategy === 'vanilla' ? 'vanilla, every step full' : budget < steps ? `${strategy}, at most ${budget} of ${steps} steps full` : strategy;

const fileNameOf = ({ prompt, seed, acceleration, output_format: format }: GenerationObject, index: number): string =>
  `${prompt.slice(0, 40).replace(/[^\p{L}\p{N}]+/gu, '-')}-${seed + index}-${acceleration.strategy}.${format}`;

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
