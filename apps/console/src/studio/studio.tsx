import { useState, type FormEvent } from 'react';
import type { GenerationObject } from '@slipstream/client';
import { useServer } from '../page/server';
import { pictureAddress } from '../page/picture-address';

/** A prompt in, a picture out. */
export function Studio() {
  const { client, state, report } = useServer();
  const [made, setMade] = useState<GenerationObject>();
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);

  const make = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const asked = new FormData(event.currentTarget);
    setBusy(true);
    setFault(undefined);
    try {
      const { id } = await client.submit({ prompt: String(asked.get('prompt')), seed: Number(asked.get('seed')) });
      setMade(await client.wait(id, { responseFormat: 'b64_json' }));
    } catch (error) {
      report(error);
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <section aria-labelledby="studio-title" className="studio">
      <h1 id="studio-title">Studio</h1>
      <form onSubmit={(event) => void make(event)}>
        <label htmlFor="prompt">Prompt</label>
        <input id="prompt" name="prompt" required maxLength={32_000} defaultValue="red apple" />
        <label htmlFor="seed">Seed</label>
        <input id="seed" name="seed" type="number" min={0} step={1} defaultValue={7} />
        <button type="submit" disabled={busy || state !== 'here'}>{busy ? 'Making…' : 'Make'}</button>
      </form>
      {fault !== undefined && <p role="alert">{fault}</p>}
      {made?.data?.map((datum, index) => <img key={index} className="picture" src={pictureAddress(datum, made.output_format)} alt={made.prompt} />)}
    </section>
  );
}
