import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { hasEnded, parseBatchRequest, SlipstreamError, type BatchRecord, type BatchRequest, type Tenant } from '@slipstream/contracts';
import { BatchBook, type Idempotency } from '@slipstream/queue';
import type { Caller } from '../admission/caller.js';
import { once, type Outcome } from '../admission/once.js';
import { tenantFull } from '../admission/tenant-full.js';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import { Files } from '../files/files.js';
import { listPage, type PageQuery } from '../list-page.js';
import { Catalogue } from '../models/catalogue.js';

/** What a tenant can do with its batches; another's are not there. */
@Injectable()
export class Batches {
  constructor(
    @Inject(BatchBook) private readonly book: BatchBook,
    @Inject(Files) private readonly files: Files,
    @Inject(Catalogue) private readonly catalogue: Pick<Catalogue, 'manifest'>,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'BATCH_WINDOW_SECONDS' | 'FILE_TTL_SECONDS'>,
  ) {}

  /** A new one, or the one that the same key made before. @throws SlipstreamError `invalid_request`, `file_not_found`, `batches_full`, `idempotency_mismatch`, `queue_unavailable` */
  async create(caller: Caller, body: unknown): Promise<BatchRecord> {
    const request = parseBatchRequest(body);
    return once(this.book, { caller, kind: 'batches', request }, (idempotency) => this.#make(caller.tenant, request, idempotency));
  }

  /** @throws SlipstreamError `batch_not_found`, `queue_unavailable` */
  async find(tenant: string, id: string): Promise<BatchRecord> {
    const batch = await this.book.read(tenant, id);
    if (batch) return batch;
    throw new SlipstreamError('batch_not_found', `no batch has the id ${JSON.stringify(id.slice(0, 64))}`, { param: 'id', remedy: 'GET /v1/batches lists them' });
  }

  /** @throws SlipstreamError `invalid_request`, `queue_unavailable` */
  async list(tenant: string, query: PageQuery): Promise<{ batches: BatchRecord[]; more: boolean }> {
    return this.book.list(tenant, listPage(query));
  }

  /** What was made by then is kept. @throws SlipstreamError `batch_not_found`, `batch_settled`, `queue_unavailable` */
  async cancel(tenant: string, id: string): Promise<BatchRecord> {
    await this.find(tenant, id);
    await this.book.cancel(id);
    const batch = await this.find(tenant, id);
    if (batch.status === 'cancelling' || batch.status === 'cancelled') return batch;
    throw new SlipstreamError('batch_settled', `batch ${id} ${hasEnded(batch.status) ? 'is' : 'is just'} ${batch.status}, it cannot be cancelled any more`);
  }

  async #make({ id: tenant, limits }: Tenant, request: BatchRequest, idempotency: Idempotency | undefined): Promise<Outcome> {
    const { input_file_id: inputFile, endpoint, completion_window: completionWindow, metadata, output_expires_after: life } = request;
    const { purpose } = await this.files.find(tenant, inputFile, 'input_file_id');
    if (purpose !== 'batch') throw new SlipstreamError('invalid_request', `input_file_id must be a file whose purpose is batch, got ${purpose}`, { param: 'input_file_id' });
    const [createdAtMs, id] = [Date.now(), `batch_${randomBytes(16).toString('hex')}`];
    const order = {
      ...{ id, tenant, inputFile, endpoint, completionWindow, metadata: metadata ?? null, model: this.catalogue.manifest.name },
      limits: { requestsPerMinute: limits.requestsPerMinute, pictures: limits.pictures },
      ...{ createdAtMs, expiresAtMs: createdAtMs + this.config.BATCH_WINDOW_SECONDS * 1000, outputSeconds: Math.min(life?.seconds ?? Infinity, this.config.FILE_TTL_SECONDS) },
    };
    const addition = await this.book.add(order, { most: limits.openBatches, idempotency });
    if (addition.verdict === 'full') throw tenantFull(addition.limit, limits);
    return { id, ...addition };
  }
}
