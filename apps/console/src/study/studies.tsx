import { useCallback } from 'react';
import { hrefOf } from '../page/route';
import { useServer } from '../page/server';
import { StudyForm } from './study-form';
import { useRead } from './use-read';

/** The studies there are, and a form for another one. */
export function Studies() {
  const { client } = useServer();
  const { value: studies, fault } = useRead(useCallback((signal: AbortSignal) => client.studies.list({ signal }), [client]));
  return (
    <section aria-labelledby="study-title" className="study">
      <h1 id="study-title">Study</h1>
      <p className="hint">Two pictures of one prompt and seed, and nothing that tells which was accelerated. People say which is better; the votes say whether anything was lost.</p>
      {fault !== undefined && <p role="alert" className="fault">{fault}</p>}
      {studies && studies.length > 0 && (
        <ul className="cards">
          {studies.map(({ id, name, status, votes, votes_wanted: wanted, candidates, baseline }) => (
            <li key={id}>
              <h2>{name}</h2>
              <p className="hint">{candidates.map((arm) => arm.name).join(', ')} beside {baseline.name}; {votes} of {wanted} votes</p>
              <p className="row">
                {status === 'open' && <a className="button" href={hrefOf('study', { rest: [id] })}>Vote<span className="unseen"> in {name}</span></a>}
                <a className="button quiet" href={hrefOf('study', { rest: [id, 'results'] })}>Results<span className="unseen"> of {name}</span></a>
              </p>
            </li>
          ))}
        </ul>
      )}
      <StudyForm />
    </section>
  );
}
