export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body where it is JSON of any kind, else its text. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- specs look into whatever came
  readonly body: any;
}

export interface Question {
  readonly method?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is; mind the content type. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** One HTTP request: POST where there is a body, else GET. */
export async function ask(url: string, { method, json, raw, headers = {}, signal }: Question = {}): Promise<Answer> {
  const body = json === undefined ? raw : JSON.stringify(json);
  const contentType: Record<string, string> = json === undefined ? {} : { 'content-type': 'application/json' };
  const response = await fetch(url, { method: method ?? (body === undefined ? 'GET' : 'POST'), body, headers: { ...contentType, ...headers }, signal });
  const isJson = /json\b/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? await response.json() : await response.text() };
}
