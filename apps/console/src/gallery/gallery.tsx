import { useState } from 'react';
import { Filters } from './filters';
import { anyFilter, promptFits, type Filter } from './filter';
import { Job } from './job';
import { useHistory } from './use-history';
import './gallery.css';

/** What was asked for, with its pictures and how they were made. */
export function Gallery() {
  const [filter, setFilter] = useState<Filter>(anyFilter);
  const { generations, hasMore, loading, fault, more, refresh } = useHistory(filter);
  const shown = generations.filter((generation) => promptFits(generation, filter));
  return (
    <section aria-labelledby="gallery-title" className="gallery">
      <div className="gallery-head">
        <h1 id="gallery-title">Gallery</h1>
        <button type="button" className="quiet" onClick={refresh}>Look again</button>
      </div>
      <Filters filter={filter} onChange={setFilter} />
      {fault !== undefined && <p className="fault" role="alert">{fault}</p>}
      <p className="hint" role="status">{loading ? 'Looking…' : countText(shown.length, { hasMore, of: generations.length })}</p>
      <ul className="jobs">
        {shown.map((generation) => <li key={generation.id}><Job generation={generation} onChanged={refresh} /></li>)}
      </ul>
      {hasMore && <button type="button" className="quiet" disabled={loading} onClick={more}>Older ones</button>}
    </section>
  );
}

function countText(shown: number, { hasMore, of }: { hasMore: boolean; of: number }): string {
  const among = hasMore ? `, among the latest ${of}` : '';
  return shown === 0 ? `Nothing of the kind${among}.` : `${shown} ${shown === 1 ? 'job' : 'jobs'}${among}, the latest first.`;
}
