import { useState, type FormEvent } from 'react';
import type { ModelObject, StudyRequestInput } from '@slipstream/client';
import { hrefOf } from '../page/route';
import { useServer } from '../page/server';
import { wordsOf } from './use-read';

const prompts = ['slice of pizza', 'red apple', 'full moon', 'cat face', 'rocket', 'snowman'];

/** Declares a study; nothing of it can be changed afterwards. */
export function StudyForm() {
  const { client, state, models: [model], report } = useServer();
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const declare = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const request = requestOf(new FormData(event.currentTarget));
    setBusy(true);
    setFault(undefined);
    try {
      location.hash = hrefOf('study', { rest: [(await client.studies.create(request)).id] });
    } catch (error) {
      report(error);
      setFault(wordsOf(error));
      setBusy(false);
    }
  };
  return (
    <form className="sheet" aria-labelledby="declare-title" onSubmit={(event) => void declare(event)}>
      <h2 id="declare-title">Declare a study</h2>
      <Field name="name" label="Name" value="Does the default hold?" />
      <div>
        <label htmlFor="study-prompts">Prompts, one a line</label>
        <textarea id="study-prompts" name="prompts" rows={6} required defaultValue={prompts.join('\n')} />
      </div>
      <div className="columns">
        <Field name="seeds" label="Seeds" value="1, 2, 3" />
        <Field name="votes" label="Votes wanted" value="60" type="number" min={1} max={10_000} />
        <Field name="margin" label="Margin, in points of 100" value="10" type="number" min={0} max={50} />
      </div>
      {model && <Candidates model={model} />}
      <p className="hint">Held against vanilla, whose every step is full. The margin is what a candidate may lose of an even preference; with it the number of votes is fixed before the first.</p>
      {fault !== undefined && <p role="alert" className="fault">{fault}</p>}
      <p className="row"><button type="submit" disabled={busy || state !== 'here' || !model}>{busy ? 'Declaring…' : 'Declare'}</button></p>
    </form>
  );
}

function Candidates({ model: { slipstream: { limits, defaults } } }: { model: ModelObject }) {
  const budgeted = Object.entries(limits.strategies).filter(([, { budget }]) => budget).map(([name]) => name);
  const others = Object.keys(limits.strategies).filter((name) => name !== 'vanilla' && !budgeted.includes(name));
  return (
    <div className="columns">
      <div>
        <label htmlFor="study-strategy">Candidate</label>
        <select id="study-strategy" name="strategy" defaultValue={defaults.strategy === 'vanilla' ? budgeted[0] : defaults.strategy}>
          {[...budgeted, ...others].map((name) => <option key={name}>{name}</option>)}
        </select>
      </div>
      <Field name="budget" label="Full steps; empty: the default" value="" type="number" min={1} max={limits.steps.max} required={false} />
    </div>
  );
}

function Field({ name, label, value, ...input }: { name: string; label: string; value: string; type?: string; min?: number; max?: number; required?: boolean }) {
  return (
    <div>
      <label htmlFor={`study-${name}`}>{label}</label>
      <input id={`study-${name}`} name={name} defaultValue={value} required {...input} />
    </div>
  );
}

export function requestOf(form: FormData): StudyRequestInput {
  const text = (name: string): string => String(form.get(name) ?? '').trim();
  const budget = text('budget');
  return {
    name: text('name'),
    prompts: text('prompts').split('\n').map((line) => line.trim()).filter((line) => line !== ''),
    seeds: text('seeds').split(/[\s,]+/).map(Number),
    candidates: [{ name: budget === '' ? text('strategy') : `${text('strategy')} ${budget}`, acceleration: { strategy: text('strategy'), ...(budget !== '' && { budget: Number(budget) }) } }],
    margin: Number(text('margin')) / 100,
    votes_wanted: Number(text('votes')),
  };
}
