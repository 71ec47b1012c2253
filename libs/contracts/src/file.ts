import { z } from 'zod';
import { tenantId } from './tenant.js';

const timeMs = z.int().nonnegative();

/** What a file is for: `batch` is a batch's requests, `batch_output` what came of them. */
export const filePurposes = ['batch', 'batch_output'] as const;
export type FilePurpose = (typeof filePurposes)[number];

/** What is known of a file of a tenant's; its bytes lie in the object store. */
export const fileRecord = z.object({
  /** `file-…` */
  id: z.string(),
  tenant: tenantId,
  filename: z.string(),
  purpose: z.enum(filePurposes),
  sizeBytes: z.int().nonnegative(),
  createdAtMs: timeMs,
  /** From then on it is gone. */
  expiresAtMs: timeMs,
});
export type FileRecord = z.infer<typeof fileRecord>;

/** Where the bytes of a file lie. */
export const fileKey = (id: string): string => `files/${id}.jsonl`;

/** A file as OpenAI shows one. */
export const fileObject = z.object({
  id: z.string(),
  object: z.literal('file'),
  bytes: z.int().nonnegative(),
  created_at: z.int(),
  expires_at: z.int().meta({ description: 'When it is gone' }),
  filename: z.string(),
  purpose: z.enum(filePurposes),
  status: z.literal('processed'),
}).meta({ id: 'File' });
export type FileObject = z.infer<typeof fileObject>;

export const fileList = z.object({
  object: z.literal('list'),
  data: z.array(fileObject),
  first_id: z.string().nullable(),
  last_id: z.string().nullable().meta({ description: 'What the next page comes `after`' }),
  has_more: z.boolean(),
}).meta({ id: 'FileList' });
export type FileList = z.infer<typeof fileList>;

export const fileDeleted = z.object({ id: z.string(), object: z.literal('file'), deleted: z.literal(true) });
export type FileDeleted = z.infer<typeof fileDeleted>;

const lifeRule = 'must be a whole number of seconds from 3600 to 2592000';

/** How long a file is kept, from its making, in seconds; OpenAI's `expires_after`. */
export const expiresAfter = z.strictObject({
  anchor: z.literal('created_at', 'must be created_at'),
  seconds: z.int(lifeRule).min(3_600, lifeRule).max(2_592_000, lifeRule),
});
