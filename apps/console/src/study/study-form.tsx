import { useState, type FormEvent } from 'react';
import { hrefOf } from '../page/route';
import { useServer } from '../page/server';
import { Candidates } from './candidates';
import { Field } from './field';
import { studyRequestOf } from './study-request-of';
import { wordsOf } from './use-read';

const prompts = ['slice of pizza', 'red apple', 'full moon', 'cat face', 'rocket', 'snowman'];

/** Declares a study; nothing of it can be changed afterwards. */
export function StudyForm() {
  const { client, state, models: [model], report } = useServer();
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const declare = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const request = studyRequestOf(new FormData(event.currentTarget));
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
      {model && <Candidates model={model} />}
      <div className="columns">
        <Field name="seeds" label="Seeds" value="1, 2, 3" />
        <Field name="votes" label="Votes for each candidate" value="60" type="number" min={1} max={10_000} />
        <Field name="margin" label="Margin, in points of 100" value="10" type="number" min={0} max={50} />
      </div>
      <p className="hint">The margin is what a candidate may lose of an even preference. It is declared with the number of votes before the first of them, and neither can be changed.</p>
      {fault !== undefined && <p role="alert" className="fault">{fault}</p>}
      <p className="row"><button type="submit" disabled={busy || state !== 'here' || !model}>{busy ? 'Declaring…' : 'Declare'}</button></p>
    </form>
  );
}
