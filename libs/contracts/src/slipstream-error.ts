import { z } from 'zod';
import { errorTable, type ErrorCode } from './error-table.js';

export const errorReport = z.object({
  code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]),
  /** What is wrong and what to do, in words for the person who asked. */
  message: z.string(),
  /** The field, environment key or file that is wrong. */
  param: z.string().optional(),
});

/** What of an error crosses a process or a thread: no stack, no cause. */
export type ErrorReport = z.infer<typeof errorReport>;

export interface SlipstreamErrorOptions {
  /** The field (`acceleration.steps`), environment key or file that is wrong. */
  param?: string;
  /** What the reader can do about it; joined to the message. */
  remedy?: string;
  /** Whole seconds after which the same request may succeed. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** The one error that the domain and the adapters throw; each door translates it by its code. Secrets in URLs are redacted. */
export class SlipstreamError extends Error {
  override readonly name = 'SlipstreamError';
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, { param, remedy, retryAfterSeconds, cause }: SlipstreamErrorOptions = {}) {
    super(redact(remedy ? `${message}; ${remedy}` : message), cause === undefined ? undefined : { cause });
    this.code = code;
    this.param = param;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Rebuilds an error that another process or thread reported. */
  static fromReport({ code, message, param }: ErrorReport, cause?: unknown): SlipstreamError {
    return new SlipstreamError(code, message, { param, cause });
  }

  /** Wraps anything thrown; a SlipstreamError passes unchanged. What strangers threw is kept as cause, not shown. */
  static from(thrown: unknown, code: ErrorCode = 'internal_error'): SlipstreamError {
    return thrown instanceof SlipstreamError ? thrown : new SlipstreamError(code, errorTable[code].title, { cause: thrown });
  }

  get httpStatus(): number {
    return errorTable[this.code].httpStatus;
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable;
  }

  get title(): string {
    return errorTable[this.code].title;
  }

  toReport(): ErrorReport {
    return { code: this.code, message: this.message, ...(this.param === undefined ? {} : { param: this.param }) };
  }
}

const redact = (text: string): string =>
  text.replace(/\/\/[^/\s@]+@/g, '//***@').replace(/\b(signature|x-amz-[a-z-]+)=[^&\s]+/gi, '$1=***');
