import { Inject, Injectable } from '@nestjs/common';
import { datasetPrefix, isDatasetEnd, SlipstreamError, type DatasetObject, type DatasetRecord, type DatasetShard, type DatasetShardList } from '@slipstream/contracts';
import { datasetFiles, readStats, sampleCount, shardFiles, under, type ShardStats } from '@slipstream/datasets';
import { DatasetBook } from '@slipstream/queue';
import type { ObjectStore } from '@slipstream/storage';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import { listPage, type PageQuery } from '../list-page.js';
import { OBJECT_STORE } from '../pictures/pictures.js';
import { FleetCosts } from './fleet-costs.js';
import { fleetEstimate } from './fleet-estimate.js';

/** Data sets and their shards as their tenant sees them, with expiring links. */
@Injectable()
export class DatasetView {
  constructor(
    @Inject(DatasetBook) private readonly book: DatasetBook,
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'URL_TTL_SECONDS'>,
    @Inject(FleetCosts) private readonly fleet: Pick<FleetCosts, 'read'>,
  ) {}

  async show(record: DatasetRecord): Promise<DatasetObject> {
    const { id, plan, status, faults, createdAtMs, endedAtMs, expiresAtMs, error, shardsDone, samplesDone, fullSteps, branchesRecalled } = record;
    return {
      id, object: 'dataset', name: plan.name, model: plan.bundle.name, status, error: error ?? null,
      created_at: seconds(createdAtMs), ended_at: endedAtMs === undefined ? null : seconds(endedAtMs), expires_at: expiresAtMs === undefined ? null : seconds(expiresAtMs),
      prompts: { count: plan.prompts.count, faulty: plan.prompts.faulty, faults: [...faults] }, pictures_per_prompt: plan.picturesPerPrompt,
      shards: { total: plan.shards, done: shardsDone }, samples: { total: sampleCount(plan), done: samplesDone },
      full_steps: fullSteps, full_steps_saved: branchesRecalled / 2,
      estimate: isDatasetEnd(status) ? null : fleetEstimate(record, await this.fleet.read(), Date.now()),
      files: status === 'completed' ? await this.#files(record) : null,
    };
  }

  /** Those that are done, by number; `after` is the id of the last one before. @throws SlipstreamError `invalid_request`, `storage_…` */
  async shards(record: DatasetRecord, query: PageQuery): Promise<DatasetShardList> {
    const { after, most } = listPage(query);
    const numbers = await this.book.doneShards(record, after === undefined ? 0 : numberIn(after) + 1, most + 1);
    const place = under(this.store, datasetPrefix(record.id));
    const data = await Promise.all(numbers.slice(0, most).map(async (shard) => this.#shard(record, await readStats(record.plan, shard, place))));
    return { object: 'list', data, has_more: numbers.length > most };
  }

  async #shard({ id, plan }: DatasetRecord, { shard, count, successes, failed, dropped, tar, table }: ShardStats): Promise<DatasetShard> {
    const { stats } = shardFiles(plan, shard);
    return { id: String(shard), object: 'dataset.shard', number: shard, count, successes, failed, dropped, tar: { ...tar, url: await this.#link(id, tar.file) }, table: { ...table, url: await this.#link(id, table.file) }, stats: { file: stats, url: await this.#link(id, stats) } };
  }

  async #files({ id, plan }: DatasetRecord): Promise<NonNullable<DatasetObject['files']>> {
    const [manifest, card, duplicates] = await Promise.all([datasetFiles.manifest, datasetFiles.card, datasetFiles.duplicates].map((file) => this.#link(id, file)));
    return { manifest: manifest!, card: card!, ...(plan.filters.exactDuplicates && { duplicates: duplicates! }) };
  }

  #link(id: string, file: string): Promise<string> {
    return this.store.presign(datasetPrefix(id) + file, { expiresInSeconds: this.config.URL_TTL_SECONDS });
  }
}

function numberIn(after: string): number {
  if (/^\d{1,7}$/.test(after)) return Number(after);
  throw new SlipstreamError('invalid_request', 'after must be the id of the last shard of the page before', { param: 'after' });
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
