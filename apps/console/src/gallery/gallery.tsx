import { useState } from 'react';
import { Filters } from './filters';
import { anyFilter, type Filter } from './filter';
import { Job } from './job';
import { useHistory } from './use-history';
import { useSettled } from './use-settled';
import './gallery.css';

/** Between two keys of somebody who types. */
const typingMs = 250;

/** What was asked for, with its pictures and how they were made. */
export function Gallery() {
  const [filter, setFilter] = useState<Filter>(anyFilter);
  const { generations, hasMore, loading, fault, more, refresh } = useHistory(useSettled(filter, typingMs));
  return (
    <section aria-labelledby="gallery-title" className="gallery">
      <div className="gallery-head">
        <h1 id="gallery-title">Gallery</h1>
        <button type="button" className="quiet" onClick={refresh}>Look again</button>
      </div>
      <Filters filter={filter} onChange={setFilter} />
      {fault !== undefined && <p className="fault" role="alert">{fault}</p>}
      <p className="hint" role="status">{loading ? 'Looking…' : countText(generations.length, hasMore)}</p>
      <ul className="jobs">
        {generations.map((generation) => <li key={generation.id}><Job generation={generation} onChanged={refresh} /></li>)}
      </ul>
      {hasMore && <button type="button" className="quiet" disabled={loading} onClick={more}>Older ones</button>}
    </section>
  );
}

function countText(count: number, hasMore: boolean): string {
  if (count === 0) return hasMore ? 'Nothing of the kind among the latest; there are older ones.' : 'Nothing of the kind.';
  return `${count} ${count === 1 ? 'job' : 'jobs'}${hasMore ? ' so far' : ''}, the latest first.`;
}
