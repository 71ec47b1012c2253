import { useState } from 'react';
import { hrefOf, replaceRoute, useRoute } from '../page/route';
import { useServer } from '../page/server';
import { Lane } from './lane';
import { requestsOf, wishIn, type Wish } from './wish';
import { presetsOf } from './presets';
import { StudioForm } from './studio-form';
import './studio.css';

/**
 * A prompt in, a picture out, and how it comes about. What is in the making, and from what wish, is in the address: a page
 * that is loaded again finds it.
 */
export function Studio() {
  const { client, models, state, report } = useServer();
  const { tab, rest: ids, query } = useRoute();
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const model = models[0];
  if (!model) return <h1>Studio</h1>;
  const presets = presetsOf(model);
  const wish = wishIn(query, presets);

  const make = async (next: Wish): Promise<void> => {
    setBusy(true);
    setFault(undefined);
    try {
      const made = await Promise.all(requestsOf(next, presets).map((request) => client.submit(request)));
      replaceRoute(hrefOf(tab || 'studio', { rest: made.map(({ id }) => id), query: next.asQuery }));
    } catch (error) {
      report(error);
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="studio">
      <section aria-labelledby="studio-title" className="ask">
        <h1 id="studio-title">Studio</h1>
        <StudioForm model={model} presets={presets} wish={wish} busy={busy || state !== 'here'} onMake={(next) => void make(next)} />
        {fault !== undefined && <p className="fault" role="alert">{fault}</p>}
      </section>
      <section aria-label="Pictures" className="lanes" data-count={ids.length}>
        {ids.length === 0 && <p className="empty">A picture starts as all mask. Each step reveals a few of its tokens; a full step computes the whole model, a shortcut step guesses what it would have found.</p>}
        {ids.map((id, index) => <Lane key={id} id={id} title={index === 0 ? 'Picture' : 'Beside it'} />)}
        {ids.length > 1 && <p className="hint lanes-note">Tall marks are full steps. The same seed, at once: both share one engine and make previews on the way, which holds the faster one up; nothing comes from a cache. “How it was made” in the gallery has every figure.</p>}
      </section>
    </div>
  );
}
