import { z } from 'zod';
import { generationSettings, type GenerationSettings } from './generation-settings.js';
import { provenance } from './provenance.js';
import { errorReport } from './slipstream-error.js';
import { stepMap } from './step-map.js';
import { defaultTenant, lanes, tenantId } from './tenant.js';

const timeMs = z.int().nonnegative();

/** What the queue carries for a generation; small, never pictures. */
export const generationJob = z.object({
  id: z.string().min(1),
  /** `x-request-id` of the request that made it, for the logs. */
  requestId: z.string(),
  createdAtMs: timeMs,
  tenant: tenantId.default(defaultTenant),
  lane: z.enum(lanes).default('interactive'),
  /** A generation that has not started by then is expired instead of run. */
  startByMs: timeMs.optional(),
  settings: generationSettings,
});
export type GenerationJob = z.infer<typeof generationJob>;

export const generationStatuses = ['queued', 'in_progress', 'cancelling', 'completed', 'failed', 'cancelled', 'expired'] as const;
export type GenerationStatus = (typeof generationStatuses)[number];

/** Where picture `index` of a generation lies. */
export const pictureKey = (id: string, index: number, { outputFormat }: Pick<GenerationSettings, 'outputFormat'>): string => `pictures/${id}/${index}.${outputFormat}`;

/** A picture in the object store. */
export const storedPicture = z.object({
  /** As `pictureKey` has it. */
  key: z.string(),
  seed: z.int().nonnegative(),
  contentType: z.string(),
  bytes: z.int().positive(),
});
export type StoredPicture = z.infer<typeof storedPicture>;

/** What is known about a generation while and after it runs. */
export const generationRecord = z.object({
  id: z.string(),
  /** Whose it is; for nobody else it is there. */
  tenant: tenantId.default(defaultTenant),
  status: z.enum(generationStatuses),
  /** The step last finished by the slowest of its pictures, 0 .. steps. */
  step: z.int().nonnegative(),
  steps: z.int().positive(),
  createdAtMs: timeMs,
  startedAtMs: timeMs.optional(),
  endedAtMs: timeMs.optional(),
  /** When record and pictures may be gone. */
  expiresAtMs: timeMs.optional(),
  settings: generationSettings,
  /** Of the steps that its first picture has done. */
  stepMap: stepMap.optional(),
  pictures: z.array(storedPicture).default([]),
  provenance: provenance.optional(),
  /** Of a failed generation. */
  error: errorReport.optional(),
  /** Workers that vanished while they had it in work. */
  losses: z.int().nonnegative().default(0),
  /** Steps of its pictures that were done again after a worker was lost. */
  repeatedSteps: z.int().nonnegative().default(0),
});
export type GenerationRecord = z.infer<typeof generationRecord>;

/** Whether nothing more will happen to a generation. */
export const isSettled = (status: GenerationStatus): boolean => status !== 'queued' && status !== 'in_progress' && status !== 'cancelling';
