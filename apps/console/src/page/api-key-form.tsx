import { useEffect, useRef, type FormEvent } from 'react';
import { useServer } from './server';

/** Takes the API key when it is submitted, not while it is typed. */
export function ApiKeyForm() {
  const { apiKey, state, changeKey } = useServer();
  const drawer = useRef<HTMLDetailsElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (state === 'locked') drawer.current!.open = true;
  }, [state]);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const key = field.current!.value.trim();
    field.current!.value = '';
    changeKey(key === '' ? undefined : key);
    drawer.current!.open = false;
  };

  return (
    <details className="key" ref={drawer}>
      <summary>{apiKey === undefined ? 'API key' : `Key …${apiKey.slice(-4)}`}</summary>
      <form onSubmit={submit}>
        <label htmlFor="api-key">API key</label>
        <input id="api-key" ref={field} type="password" autoComplete="off" spellCheck={false} placeholder={apiKey === undefined ? 'slip_…' : 'another key'} />
        <p className="hint">Kept until this tab is closed. A server on your own machine may ask for none.</p>
        <div className="row">
          <button type="submit">Use</button>
          {apiKey !== undefined && <button type="button" className="quiet" onClick={() => changeKey(undefined)}>Forget</button>}
        </div>
      </form>
    </details>
  );
}
