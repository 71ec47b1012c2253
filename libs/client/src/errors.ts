import type { ErrorCode, GenerationObject, Problem } from '@slipstream/contracts';

/** The gateway answered with an error, or something between here and there did. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** `unexpected_answer` for an answer that is not the gateway's. */
  readonly code: ErrorCode | 'unexpected_answer';
  /** The field that is wrong. */
  readonly param: string | null;
  readonly requestId: string | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** When, where the gateway said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor({ status, headers }: Pick<Response, 'status' | 'headers'>, problem: Problem | undefined) {
    super(problem?.detail ?? `the answer has the status ${status} and is not the gateway’s`);
    const told = status === 200 ? (problem?.status ?? status) : undefined; // among events
    this.status = told ?? status;
    this.code = problem?.error.code ?? 'unexpected_answer';
    this.param = problem?.error.param ?? null;
    this.requestId = problem?.request_id ?? headers.get('x-request-id') ?? undefined;
    this.retryable = headers.get('x-should-retry') === 'true' || ((!problem || told !== undefined) && (this.status === 429 || this.status >= 500));
    this.retryAfterSeconds = secondsIn(headers.get('retry-after'));
  }
}

/** There was no answer, or it broke off. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  constructor(url: string, cause: unknown) {
    super(`no answer from ${new URL(url).origin}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** A generation that was waited for ended without pictures. */
export class GenerationEndedError extends Error {
  override readonly name = 'GenerationEndedError';
  readonly generation: GenerationObject;
  constructor(generation: GenerationObject) {
    super(`generation ${generation.id} is ${generation.status}${generation.error ? `: ${generation.error.message}` : ''}`);
    this.generation = generation;
  }
}

const secondsIn = (header: string | null): number | undefined => (header !== null && /^\d+$/.test(header) ? Number(header) : undefined);
