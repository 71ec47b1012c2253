import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { datasetPrefix, isDatasetEnd, parseDatasetRequest, parseGenerationRequest, resolveRequest, samplingOf, SlipstreamError, type DatasetPlan, type DatasetRecord, type DatasetRequest, type Tenant } from '@slipstream/contracts';
import { clear, layOut, planDataset, removeDataset, sampleCount, under } from '@slipstream/datasets';
import { DatasetBook, type Idempotency } from '@slipstream/queue';
import type { ObjectStore } from '@slipstream/storage';
import type { Caller } from '../admission/caller.js';
import { once, type Outcome } from '../admission/once.js';
import { tenantFull } from '../admission/tenant-full.js';
import { Files } from '../files/files.js';
import { listPage, type PageQuery } from '../list-page.js';
import { Catalogue } from '../models/catalogue.js';
import { OBJECT_STORE } from '../pictures/pictures.js';
import { promptsOf } from './prompts-of.js';

/** Samples of one data set. */
const mostSamples = 10_000_000;
/** Until no worker is at one that was stopped: each looks every second. */
const stoppingMs = 5_000;
/** Shards of one data set: each is a job in Redis, and its prompts an object in the store, from the beginning on. */
const mostShards = 20_000;

/** What a tenant can do with its data sets; another's are not there. */
@Injectable()
export class Datasets {
  constructor(
    @Inject(DatasetBook) private readonly book: DatasetBook,
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(Files) private readonly files: Pick<Files, 'find'>,
  ) {}

  /** A new one, or the one that the same key made before. @throws SlipstreamError `invalid_request`, `file_not_found`, `datasets_full`, `idempotency_mismatch`, `model_not_found`, `storage_…`, `queue_unavailable` */
  async create(caller: Caller, body: unknown): Promise<DatasetRecord> {
    const request = parseDatasetRequest(body);
    return once(this.book, { caller, kind: 'datasets', request }, (idempotency) => this.#make(caller.tenant, request, idempotency));
  }

  /** @throws SlipstreamError `dataset_not_found`, `queue_unavailable` */
  async find(tenant: string, id: string): Promise<DatasetRecord> {
    const dataset = await this.book.read(tenant, id);
    if (dataset) return dataset;
    throw new SlipstreamError('dataset_not_found', `no data set has the id ${JSON.stringify(id.slice(0, 64))}`, { param: 'id', remedy: 'GET /v1/datasets lists them' });
  }

  /** The latest first. @throws SlipstreamError `invalid_request`, `queue_unavailable` */
  async list(tenant: string, query: PageQuery): Promise<{ datasets: DatasetRecord[]; more: boolean }> {
    return this.book.list(tenant, listPage(query));
  }

  /** Workers stop at their next sample; what is written stays. @throws SlipstreamError `dataset_settled`, and as `find` */
  async cancel(tenant: string, id: string): Promise<DatasetRecord> {
    const dataset = await this.find(tenant, id);
    if (!(await this.book.cancel(dataset))) throw new SlipstreamError('dataset_settled', `data set ${id} is ${(await this.find(tenant, id)).status}`, { param: 'id' });
    return this.find(tenant, id);
  }

  /** With its files; these first: whoever is interrupted can do it again. @throws SlipstreamError `dataset_unsettled`, `storage_…`, and as `find` */
  async remove(tenant: string, id: string): Promise<void> {
    const dataset = await this.find(tenant, id);
    const { status, endedAtMs = Infinity, plan } = dataset;
    if (!isDatasetEnd(status)) throw new SlipstreamError('dataset_unsettled', `data set ${id} is ${status}`, { param: 'id', remedy: 'cancel it first' });
    if (status !== 'completed' && Date.now() - endedAtMs < stoppingMs) throw new SlipstreamError('dataset_unsettled', `data set ${id} was ${status} just now, and workers may be at it still`, { param: 'id', remedy: `send it again in ${stoppingMs / 1000} seconds` });
    await removeDataset(plan, { store: under(this.store, datasetPrefix(id)) });
    await this.book.remove(dataset);
  }

  /** Plans it, writes each shard's prompts and the plan, and has workers begin. */
  async #make({ id: tenant, limits }: Tenant, request: DatasetRequest, idempotency: Idempotency | undefined): Promise<Outcome> {
    if ((await this.book.open(tenant)) >= limits.openDatasets) throw tenantFull('openDatasets', limits); // before all the work
    const source = await promptsOf(request, { store: this.store, find: (id) => this.files.find(tenant, id, 'input_file_id') });
    const { plan, faults } = await planDataset(source, { ...this.#choices(request), picturesPerPrompt: request.pictures_per_prompt, shardSize: request.shard_size });
    if (sampleCount(plan) > mostSamples) throw new SlipstreamError('invalid_request', `${sampleCount(plan)} pictures are more than the ${mostSamples} of one data set`, { param: 'pictures_per_prompt', remedy: 'ask for several data sets' });
    if (plan.shards > mostShards) throw new SlipstreamError('invalid_request', `${plan.shards} shards are more than the ${mostShards} of one data set`, { param: 'shard_size', remedy: 'make shards larger' });
    const dataset = { id: `ds_${randomBytes(16).toString('hex')}`, tenant, plan, faults, createdAtMs: Date.now() };
    const store = under(this.store, datasetPrefix(dataset.id));
    await layOut(plan, source, { store });
    const addition = await this.book.add(dataset, { most: limits.openDatasets, idempotency });
    if (addition.verdict !== 'added') await clear(plan, { store });
    if (addition.verdict === 'full') throw tenantFull(addition.limit, limits);
    return { id: dataset.id, ...addition };
  }

  #choices({ name, seed, model, quality, output_format, output_compression, background, acceleration, ...filters }: DatasetRequest): Pick<DatasetPlan, 'name' | 'bundle' | 'settings' | 'seed' | 'filters'> {
    const { manifest, digest } = this.catalogue;
    const prompt = 'classes' in manifest.prompt ? '0' : 'any'; // each row's own is looked at when its turn comes
    const settings = resolveRequest(parseGenerationRequest({ prompt, seed: 0, model, quality, output_format, output_compression, background, acceleration }), manifest);
    return {
      name, seed,
      bundle: { name: manifest.name, digest },
      settings: { ...samplingOf(settings), outputFormat: settings.outputFormat, outputCompression: settings.outputCompression, background: settings.background },
      filters: { exactDuplicates: filters.drop_duplicates, ...(filters.near_duplicates !== undefined && { nearDuplicates: filters.near_duplicates }), ...(filters.min_score && { minScore: filters.min_score }) },
    };
  }
}
