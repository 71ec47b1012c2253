import { useState, type ReactNode } from 'react';
import type { ModelObject } from '@slipstream/client';
import { Field } from './field';

const most = 8;

/** The candidates of a study, one to eight: each a strategy and, where it has a budget, how many steps of it are full at most. */
export function Candidates({ model: { slipstream: { limits, defaults } } }: { model: ModelObject }) {
  const [rows, setRows] = useState<readonly number[]>([0]);
  const strategies = Object.keys(limits.strategies).filter((name) => name !== 'vanilla').sort((a, b) => Number(b === defaults.strategy) - Number(a === defaults.strategy));
  return (
    <fieldset className="candidates">
      <legend>Candidates, each held against vanilla</legend>
      {rows.map((row, index) => (
        <Candidate key={row} place={index + 1} limits={limits} strategies={strategies} first={strategies[row % strategies.length]!}>
          {rows.length > 1 && <button type="button" className="quiet small" onClick={() => setRows(rows.filter((each) => each !== row))}>Remove<span className="unseen"> candidate {index + 1}</span></button>}
        </Candidate>
      ))}
      <p className="row"><button type="button" className="quiet" disabled={rows.length === most} onClick={() => setRows([...rows, Math.max(...rows) + 1])}>Add a candidate</button></p>
    </fieldset>
  );
}

interface CandidateProps {
  /** From 1. */
  readonly place: number;
  readonly limits: ModelObject['slipstream']['limits'];
  readonly strategies: readonly string[];
  /** What is chosen to begin with. */
  readonly first: string;
  readonly children: ReactNode;
}

function Candidate({ place, limits, strategies, first, children }: CandidateProps) {
  const [strategy, setStrategy] = useState(first);
  const id = `study-candidate-${place}`;
  return (
    <div className="candidate">
      <div>
        <label htmlFor={id}>Candidate {place}</label>
        <select id={id} name="strategy" value={strategy} onChange={(event) => setStrategy(event.target.value)}>
          {strategies.map((name) => <option key={name}>{name}</option>)}
        </select>
      </div>
      {limits.strategies[strategy]!.budget
        ? <Field name="budget" id={`${id}-budget`} label="Full steps, at most" aria-label={`Full steps, at most, of candidate ${place}`} placeholder="as usual" value="" type="number" min={1} max={limits.steps.max} required={false} />
        : <input type="hidden" name="budget" value="" />}
      {children}
    </div>
  );
}
