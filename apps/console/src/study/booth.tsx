import { useEffect } from 'react';
import type { StudyPairObject, VoteRequest } from '@slipstream/client';
import { dataAddress } from '../page/picture-address';
import { hrefOf } from '../page/route';
import { useBooth } from './use-booth';

type Choice = VoteRequest['choice'];
type ReadyPair = Extract<StudyPairObject, { status: 'ready' }>;

const keys: Readonly<Record<string, Choice>> = { ArrowLeft: 'left', '=': 'tie', ArrowRight: 'right' };
const answers: readonly [Choice, label: string, key: string][] = [['left', 'Left is better', '←'], ['tie', 'Equal', '='], ['right', 'Right is better', '→']];

/** Where one votes, by pointer or by the keys ← = →. */
export function Booth({ id }: { id: string }) {
  const { pair, fault, busy, vote } = useBooth(id);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const choice = keys[event.key];
      if (!choice || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
      event.preventDefault();
      vote(choice);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [vote]);
  return (
    <section aria-labelledby="booth-title" className="study booth">
      <div className="row between">
        <h1 id="booth-title">Which picture is better?</h1>
        <a href={hrefOf('study')}>All studies</a>
      </div>
      {pair && <Progress votes={pair.votes} wanted={pair.votes_wanted} />}
      {fault !== undefined && <p role="alert" className="fault">{fault}</p>}
      {pair?.status === 'waiting' && <p role="status">The next pictures are being made…</p>}
      {pair?.status === 'completed' && <p role="status">All votes are in. <a href={hrefOf('study', { rest: [id, 'results'] })}>See what they say</a></p>}
      {pair?.status === 'ready' && <Ballot pair={pair} busy={busy} vote={vote} />}
    </section>
  );
}

function Ballot({ pair: { id, prompt, left, right }, busy, vote }: { pair: ReadyPair; busy: boolean; vote: (choice: Choice) => void }) {
  return (
    <>
      <p className="prompt" aria-live="polite">“{prompt}”</p>
      <div className="pair" data-pair={id}>
        <img src={dataAddress(left.b64_json, 'png')} alt={`Left picture of: ${prompt}`} />
        <img src={dataAddress(right.b64_json, 'png')} alt={`Right picture of: ${prompt}`} />
      </div>
      <div className="answers" role="group" aria-label="Your vote">
        {answers.map(([choice, label, key]) => (
          <button key={choice} type="button" className={choice === 'tie' ? 'quiet' : undefined} aria-disabled={busy} aria-keyshortcuts={keyNameOf(choice)} onClick={() => vote(choice)}>{label} <kbd aria-hidden="true">{key}</kbd></button>
        ))}
      </div>
    </>
  );
}

export function Progress({ votes, wanted }: { votes: number; wanted: number }) {
  return (
    <div className="progress">
      <label htmlFor="votes">{votes} of {wanted} votes</label>
      <progress id="votes" value={votes} max={wanted} />
    </div>
  );
}

const keyNameOf = (choice: Choice): string => Object.entries(keys).find(([, each]) => each === choice)![0];
const isField = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.matches('input, textarea, select');
