import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SlipstreamError, type DatasetPlan } from '@slipstream/contracts';
import { readPlan, readSummary } from '@slipstream/datasets';
import { FolderObjectStore } from '@slipstream/storage';

export interface DatasetFolder {
  readonly folder: string;
  readonly store: FolderObjectStore;
  readonly plan: DatasetPlan;
}

/** The data set in a folder; one that was fetched from a service has its plan in the manifest alone. Throws `invalid_request` where there is none. */
export async function openDatasetFolder(path: string): Promise<DatasetFolder> {
  const folder = resolve(path);
  const store = new FolderObjectStore({ directory: folder });
  const plan = (await stat(folder).catch(() => undefined))?.isDirectory() ? ((await readPlan(store)) ?? (await readSummary(store))?.plan) : undefined;
  if (plan) return { folder, store, plan };
  throw new SlipstreamError('invalid_request', `there is no data set in ${folder}`, { param: 'folder', remedy: 'name the --out of "slipstream dataset run"' });
}
