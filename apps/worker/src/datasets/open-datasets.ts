import { handsPerRow } from '@slipstream/admission';
import { datasetPrefix, SlipstreamError, type DatasetRecord } from '@slipstream/contracts';
import { encodingOf, finishDataset, pictureMaker, readStats, runShards, shardFiles, under, type ShardStats, type ShardStore } from '@slipstream/datasets';
import { encodePicture } from '@slipstream/pictures';
import { DatasetConsumer, type ShardDone } from '@slipstream/queue';
import type { Engine } from '@slipstream/runtime';
import type { Logger } from '@slipstream/server-kit';
import type { ObjectStore } from '@slipstream/storage';
import type { WorkerConfig } from '../worker-config.js';
import { SpareRows } from './spare-rows.js';

export interface DatasetParts {
  readonly engine: Pick<Engine, 'submit' | 'score' | 'digest' | 'capacity' | 'manifest'>;
  /** With writes that wait out an outage. */
  readonly store: Pick<ObjectStore, 'put' | 'write' | 'get' | 'slice' | 'head' | 'delete'>;
  readonly logger: Logger;
  /** Hears of each picture that was made. */
  readonly onPicture?: (file: PictureFile) => void;
}

/** The size of a picture's file, and how it is encoded. */
export interface PictureFile {
  readonly encoding: string;
  readonly bytes: number;
}

/** Data sets, as the worker sees them. */
export interface Datasets {
  /** Rows of the engine that they have now, or would have. */
  readonly spareRows: number;
  /** A user's pictures are in hand until the result is called. */
  enter(pictures: number): () => void;
  close(): Promise<void>;
}

/** Two, so that the rows of one that ends are the next one's. */
const shardsAtOnce = 2;

/** Takes shards of data sets beside the generations of users, in the rows that these leave. */
export function openDatasets(config: WorkerConfig, parts: DatasetParts): Datasets {
  const { engine, store, logger, onPicture = () => {} } = parts;
  const rows = new SpareRows({ capacity: engine.capacity, handsPerRow });
  const placeOf = ({ id }: DatasetRecord): ShardStore => under(store, datasetPrefix(id));
  const consumer = new DatasetConsumer({
    redisUrl: config.REDIS_URL,
    prefix: config.QUEUE_PREFIX,
    concurrency: shardsAtOnce,
    makeShard: async (dataset, shard, signal) => {
      const done = await makeShard(dataset, { shard, signal, engine, rows, onPicture, place: placeOf(dataset) });
      logger.info({ dataset: dataset.id, shard, samples: done.samples }, 'shard written');
      return done;
    },
    finish: async (dataset, signal) => {
      await finishDataset(dataset.plan, { store: placeOf(dataset), signal });
      logger.info({ dataset: dataset.id }, 'data set completed');
    },
    onError: (error) => logger.error({ err: error }, `data set: ${error.message}`),
  });
  return {
    get spareRows() {
      return rows.spare;
    },
    enter: (pictures) => rows.enter(pictures),
    close: () => consumer.close(),
  };
}

interface ShardParts {
  readonly shard: number;
  readonly signal: AbortSignal;
  readonly engine: DatasetParts['engine'];
  readonly rows: SpareRows;
  readonly onPicture: (file: PictureFile) => void;
  readonly place: ShardStore;
}

/** A shard that is there costs nothing again. */
async function makeShard({ plan }: DatasetRecord, { shard, signal, engine, rows, onPicture, place }: ShardParts): Promise<ShardDone> {
  if (await place.head(shardFiles(plan, shard).stats)) return doneBy(await readStats(plan, shard, place), 0);
  if (plan.bundle.digest !== engine.digest) throw new SlipstreamError('model_not_found', `the data set was begun with another bundle than this worker has, ${plan.bundle.name} ${plan.bundle.digest.slice(0, 12)}`, { param: 'model', remedy: 'start workers with that BUNDLE, or make a new data set' });
  let branchesRecalled = 0;
  let written: ShardStats | undefined;
  const encoding = encodingOf(plan.settings);
  const onMade = ({ remembered, fileBytes }: { readonly remembered: number; readonly fileBytes: number }): void => {
    branchesRecalled += remembered;
    onPicture({ encoding, bytes: fileBytes });
  };
  const make = pictureMaker(plan, { engine, encode: encodePicture, onMade });
  await runShards([shard], { plan, store: place, make, slots: rows, signal, onShard: (stats) => void (written = stats) });
  return doneBy(written!, branchesRecalled);
}

const doneBy = ({ count, full_steps }: ShardStats, branchesRecalled: number): ShardDone => ({ samples: count, fullSteps: full_steps, branchesRecalled });
