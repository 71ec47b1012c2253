import type { GenerationStatus, ListQuery } from '@slipstream/client';

/** What the gallery is narrowed to. Texts as the fields have them; '' is any. */
export interface Filter {
  readonly status: GenerationStatus | '';
  readonly prompt: string;
  readonly age: keyof typeof ages;
}

export const statuses: readonly GenerationStatus[] = ['queued', 'in_progress', 'cancelling', 'completed', 'failed', 'cancelled', 'expired'];

/** Seconds back from now. */
export const ages = { ever: undefined, 'last hour': 3_600, 'last day': 86_400, 'last week': 604_800 } as const;

export const anyFilter: Filter = { status: '', prompt: '', age: 'ever' };

/** A filter as the server takes it. */
export function queryOf({ status, age, prompt }: Filter, nowMs = Date.now()): ListQuery {
  const seconds = ages[age];
  const sought = prompt.trim();
  return { ...(status !== '' && { status }), ...(sought !== '' && { prompt: sought }), ...(seconds !== undefined && { created_after: Math.floor(nowMs / 1000) - seconds }) };
}
