import { get, type IncomingMessage } from 'node:http';

export interface FollowedEvent {
  readonly event: string;
  readonly id: string | undefined;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- specs look into whatever came
  readonly data: any;
}

export interface Followed {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly events: readonly FollowedEvent[];
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  /** Hangs up. */
  leave(): void;
}

/** Follows a stream of server-sent events over a connection of its own; resolves when its headers are there. */
export function follow(url: string, headers: Record<string, string> = {}): Promise<Followed> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, headers: { accept: 'text/event-stream', ...headers } }, (response) => resolve(followed(response, () => request.destroy())));
    request.on('error', reject);
  });
}

function followed(response: IncomingMessage, leave: () => void): Followed {
  const events: FollowedEvent[] = [];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (text + chunk).split('\n\n');
    text = parts.pop()!;
    for (const part of parts) if (!part.startsWith(':')) events.push(parsed(part));
  });
  const ended = new Promise<void>((resolve) => response.on('close', resolve));
  response.on('error', () => {}); // of one that was left
  return { status: response.statusCode!, contentType: response.headers['content-type'], events, ended, leave };
}

function parsed(part: string): FollowedEvent {
  const fields = new Map(part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const));
  return { event: fields.get('event')!, id: fields.get('id'), data: JSON.parse(fields.get('data')!) };
}
