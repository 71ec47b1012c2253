import { useCallback, useState } from 'react';
import type { StudyResults } from '@slipstream/client';
import { hrefOf } from '../page/route';
import { useServer } from '../page/server';
import { Progress } from './booth';
import { saveFile } from './save-file';
import { useRead, wordsOf } from './use-read';

type CandidateResult = StudyResults['candidates'][number];
type Estimate = CandidateResult['preference'];

const verdicts: Readonly<Record<CandidateResult['verdict'], string>> = { non_inferior: 'non-inferior', inferior: 'inferior', undecided: 'undecided' };

/** What the votes say, and the votes themselves to take away. */
export function Results({ id }: { id: string }) {
  const { client } = useServer();
  const { value, fault } = useRead(useCallback(async (signal: AbortSignal) => ({ study: await client.studies.get(id, { signal }), results: await client.studies.results(id, { signal }) }), [client, id]));
  if (!value) return <section className="study">{fault === undefined ? <p className="hint">Reading…</p> : <p role="alert" className="fault">{fault}</p>}</section>;
  const { study, results: { margin, candidates, baseline } } = value;
  return (
    <section aria-labelledby="results-title" className="study">
      <div className="row between">
        <h1 id="results-title">{study.name}</h1>
        <a href={hrefOf('study')}>All studies</a>
      </div>
      <Progress votes={study.votes} wanted={study.votes_wanted} />
      {study.status === 'open' && <p><a className="button" href={hrefOf('study', { rest: [id] })}>Vote</a></p>}
      <div className="table results" role="region" aria-label="Results" tabIndex={0}>
        <table>
          <caption><span>Candidates beside {baseline}, with 95 % intervals after Wilson</span></caption>
          <thead><tr>{['Candidate', 'Verdict', 'Preference', 'Win', 'Tie', 'Loss', 'Votes'].map((head) => <th key={head} scope="col">{head}</th>)}</tr></thead>
          <tbody>{candidates.map((candidate) => <ResultRow key={candidate.name} candidate={candidate} bound={0.5 - margin} />)}</tbody>
        </table>
      </div>
      <p className="hint">The preference is wins and half the ties. Declared beforehand: non-inferior where its whole interval is at least {percent(0.5 - margin)}, inferior where all of it is below; decided once all votes are in.</p>
      <Export id={id} />
    </section>
  );
}

function ResultRow({ candidate: { name, votes, wins, ties, losses, win_share, tie_share, loss_share, preference, verdict }, bound }: { candidate: CandidateResult; bound: number }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td><strong className={verdict}>{verdicts[verdict]}</strong></td>
      <td><IntervalBar estimate={preference} bound={bound} /><Share of={preference} /></td>
      {([[wins, win_share], [ties, tie_share], [losses, loss_share]] as const).map(([count, share], index) => <td key={index}>{count}: <Share of={share} /></td>)}
      <td>{votes}</td>
    </tr>
  );
}

/** The interval on the line from 0 to 1, and the bound that it is held against. */
function IntervalBar({ estimate, bound }: { estimate: Estimate; bound: number }) {
  if (!estimate) return null;
  return (
    <svg viewBox="0 0 100 12" className="interval" aria-hidden="true">
      <line x1="0" y1="6" x2="100" y2="6" className="axis" />
      <line x1={bound * 100} y1="0" x2={bound * 100} y2="12" className="bound" />
      <line x1={estimate.low * 100} y1="6" x2={estimate.high * 100} y2="6" className="reach" />
      <circle cx={estimate.value * 100} cy="6" r="2.5" />
    </svg>
  );
}

function Export({ id }: { id: string }) {
  const { client, report } = useServer();
  const [fault, setFault] = useState<string>();
  const save = async (format: 'csv' | 'json'): Promise<void> => {
    try {
      saveFile(`${id}-votes.${format}`, await client.studies.export(id, format), format === 'csv' ? 'text/csv' : 'application/json');
      setFault(undefined);
    } catch (error) {
      report(error);
      setFault(wordsOf(error));
    }
  };
  return (
    <>
      <p className="row">
        <button type="button" className="quiet" onClick={() => void save('csv')}>Export as CSV</button>
        <button type="button" className="quiet" onClick={() => void save('json')}>Export as JSON</button>
      </p>
      {fault !== undefined && <p role="alert" className="fault">{fault}</p>}
    </>
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function Share({ of: estimate }: { of: Estimate }) {
  if (!estimate) return <>–</>;
  return <>{percent(estimate.value)}<span className="hint reach">{percent(estimate.low)} to {percent(estimate.high)}</span></>;
}
