import { useServer } from './server';

/** Says aloud that the server is away, or wants a key; silent while all is well. */
export function ServerNotice() {
  const { state, apiKey } = useServer();
  return (
    <div role="status" className="notices">
      {state === 'gone' && <p className="notice">The server does not answer. Looking for it; what runs there goes on.</p>}
      {state === 'locked' && <p className="notice">{apiKey === undefined ? 'This server asks for an API key.' : 'The server does not accept this API key.'}</p>}
    </div>
  );
}
