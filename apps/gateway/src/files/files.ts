import { createHash, randomBytes, type Hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { expiresAfter, fileKey, filePurposes, parseRequest, SlipstreamError, type FilePurpose, type FileRecord, type Tenant } from '@slipstream/contracts';
import { FileBook } from '@slipstream/queue';
import type { Caller } from '../admission/caller.js';
import { idempotencyOf, settled } from '../admission/once.js';
import { tenantFull } from '../admission/tenant-full.js';
import type { ObjectStore } from '@slipstream/storage';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import { listPage, type PageQuery } from '../list-page.js';
import { OBJECT_STORE } from '../pictures/pictures.js';
import { readForm, type Form } from './form.js';
import { slicesOf } from './slices.js';

/** What a list of files may be narrowed by, as it is sent. */
export interface FilesQuery extends PageQuery {
  readonly purpose?: unknown;
  readonly order?: unknown;
}

/** What a form says of its file. */
interface Upload {
  readonly filename: string;
  readonly sizeBytes: number;
  readonly lifeSeconds: number;
}

const jsonLines = { contentType: 'application/jsonl' };

/** What a tenant can do with its files; another's are not there. */
@Injectable()
export class Files {
  constructor(
    @Inject(FileBook) private readonly book: FileBook,
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'FILE_LIMIT_BYTES' | 'FILE_TTL_SECONDS'>,
  ) {}

  /** Keeps the file of a form, or finds the one that the same key and bytes made before. @throws SlipstreamError `invalid_request`, `body_too_large`, `files_full`, `idempotency_mismatch`, `storage_…`, `queue_unavailable` */
  async upload(caller: Caller, body: Readable, headers: IncomingHttpHeaders): Promise<FileRecord> {
    const { id: tenant, limits } = caller.tenant;
    if (!(await this.#isRepeat(caller))) await this.#checkRoom(caller.tenant);
    const [id, digest] = [`file-${randomBytes(16).toString('hex')}`, caller.idempotencyKey === undefined ? undefined : createHash('sha256')];
    const { filename, sizeBytes, lifeSeconds } = await this.#keep(id, body, { headers, digest });
    const createdAtMs = Date.now();
    const idempotency = idempotencyOf({ caller, kind: 'files', request: { filename, lifeSeconds, sha256: digest?.digest('hex') } });
    // Where this fails, the file may have been added all the same: its bytes stay.
    const addition = await this.book.add({ id, tenant, filename, purpose: 'batch', sizeBytes, createdAtMs, expiresAtMs: createdAtMs + lifeSeconds * 1000 }, { most: limits, idempotency });
    if (addition.verdict !== 'added') await this.store.delete(fileKey(id));
    if (addition.verdict === 'full') throw tenantFull(addition.limit, limits);
    return settled(this.book, { id, ...addition }, caller);
  }

  /** @throws SlipstreamError `file_not_found`, `queue_unavailable` */
  async find(tenant: string, id: string, param = 'id'): Promise<FileRecord> {
    const file = await this.book.read(tenant, id);
    if (file) return file;
    throw new SlipstreamError('file_not_found', `no file has the id ${JSON.stringify(id.slice(0, 64))}`, { param, remedy: 'GET /v1/files lists them; they expire' });
  }

  /** @throws SlipstreamError `invalid_request`, `queue_unavailable` */
  async list(tenant: string, query: FilesQuery): Promise<{ files: FileRecord[]; more: boolean }> {
    const { purpose, order } = query;
    return this.book.list(tenant, { ...listPage(query), purpose: oneOf(filePurposes, purpose, 'purpose'), order: oneOf(['asc', 'desc'] as const, order, 'order') ?? 'desc' });
  }

  /** Its bytes as they are read; the store was asked for the first of them. @throws SlipstreamError `file_not_found`, `storage_…` */
  async content(tenant: string, id: string): Promise<{ file: FileRecord; slices: AsyncIterable<Uint8Array> }> {
    const file = await this.find(tenant, id);
    if ((await this.store.head(fileKey(id))) === undefined) throw new SlipstreamError('file_not_found', `the bytes of file ${id} are no longer stored`, { param: 'id', remedy: 'send it again' });
    return { file, slices: slicesOf(this.store, fileKey(id)) };
  }

  /** Bytes first: whoever is interrupted can do it again. @throws SlipstreamError `file_not_found`, `storage_…`, `queue_unavailable` */
  async remove(tenant: string, id: string): Promise<void> {
    const file = await this.find(tenant, id);
    await this.store.delete(fileKey(id));
    await this.book.drop(file);
  }

  /** The bytes of a form that is a file's; of any other nothing is left. */
  async #keep(id: string, body: Readable, { headers, digest }: { headers: IncomingHttpHeaders; digest: Hash | undefined }): Promise<Upload> {
    try {
      const keep = (source: AsyncIterable<Uint8Array>) => this.store.write(fileKey(id), digest ? digesting(source, digest) : source, jsonLines);
      return uploadIn(await readForm(body, { headers, limitBytes: this.config.FILE_LIMIT_BYTES, keep }), this.config.FILE_TTL_SECONDS);
    } catch (error) {
      await this.store.delete(fileKey(id)).catch(() => {}); // what went wrong before is what matters
      throw error;
    }
  }

  /** Whether the key has made a file; of which bytes is told when they have come. */
  async #isRepeat(caller: Caller): Promise<boolean> {
    const named = idempotencyOf({ caller, kind: 'files', request: {} });
    return named !== undefined && (await this.book.made(caller.tenant.id, named)) !== undefined;
  }

  /** Before bytes are read for nothing; what decides is whether they can be added. */
  async #checkRoom({ id, limits }: Tenant): Promise<void> {
    const held = await this.book.held(id);
    if (held.files >= limits.files) throw tenantFull('files', limits);
    if (held.fileBytes >= limits.fileBytes) throw tenantFull('fileBytes', limits);
  }
}

async function* digesting(source: AsyncIterable<Uint8Array>, digest: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    digest.update(chunk);
    yield chunk;
  }
}

function uploadIn({ fields, file }: Form<number>, longestSeconds: number): Upload {
  if (!file) throw new SlipstreamError('invalid_request', 'file must be a part of the form with a file name', { param: 'file' });
  if (fields['purpose'] !== ('batch' satisfies FilePurpose)) throw new SlipstreamError('invalid_request', 'purpose must be batch', { param: 'purpose' });
  const [anchor, seconds] = [fields['expires_after[anchor]'], fields['expires_after[seconds]']];
  const life = anchor === undefined && seconds === undefined ? undefined : parseRequest(expiresAfter, { anchor, seconds: Number(seconds) }).seconds;
  return { filename: file.filename.slice(0, 255), sizeBytes: file.kept, lifeSeconds: Math.min(life ?? longestSeconds, longestSeconds) };
}

function oneOf<T extends string>(known: readonly T[], given: unknown, param: string): T | undefined {
  if (given === undefined || known.includes(given as T)) return given as T | undefined;
  throw new SlipstreamError('invalid_request', `${param} must be one of ${known.join(', ')}`, { param });
}
