import { workOf, type Waiting } from '@slipstream/admission';
import type { Lane } from '@slipstream/contracts';
import { sampling } from './course.js';

/** What a tenant is like: `person` asks now and then, `bulk` sends bursts. */
export type TenantKind = 'person' | 'bulk';

/** A generation in the simulation; times in seconds. */
export interface Job extends Waiting {
  readonly kind: TenantKind;
  readonly pictures: number;
  readonly arrivedAt: number;
  /** Of each picture. */
  readonly prompts: readonly number[];
  /** Pictures to come. */
  left: number;
  startedAt: number | undefined;
}

let made = 0;

export function newJob({ tenant, kind, lane, prompts, arrivedAt }: { tenant: string; kind: TenantKind; lane: Lane; prompts: readonly number[]; arrivedAt: number }): Job {
  const work = workOf({ ...sampling, n: prompts.length });
  return { id: `j${(made += 1)}`, tenant, kind, lane, work, pictures: prompts.length, arrivedAt, prompts, left: prompts.length, startedAt: undefined };
}
