import type { GenerationObject, GenerationStatus, ListQuery } from '@slipstream/client';

/** What the gallery is narrowed to. Texts as the fields have them; '' is any. */
export interface Filter {
  readonly status: GenerationStatus | '';
  /** Looked for in prompts that are here: the server has no such filter. */
  readonly prompt: string;
  readonly age: keyof typeof ages;
}

export const statuses: readonly GenerationStatus[] = ['queued', 'in_progress', 'cancelling', 'completed', 'failed', 'cancelled', 'expired'];

/** Seconds back from now. */
export const ages = { ever: undefined, 'last hour': 3_600, 'last day': 86_400, 'last week': 604_800 } as const;

export const anyFilter: Filter = { status: '', prompt: '', age: 'ever' };

/** The part of a filter that the server knows. */
export function queryOf({ status, age }: Pick<Filter, 'status' | 'age'>, nowMs = Date.now()): ListQuery {
  const seconds = ages[age];
  return { ...(status !== '' && { status }), ...(seconds !== undefined && { created_after: Math.floor(nowMs / 1000) - seconds }) };
}

export const promptFits = ({ prompt }: Pick<GenerationObject, 'prompt'>, filter: Pick<Filter, 'prompt'>): boolean =>
  prompt.toLowerCase().includes(filter.prompt.trim().toLowerCase());
