import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import { repositoryRoot } from '../harness/index.js';

/** Apps export nothing: what they are built to is read from their dist, as a server would run it. */
const built = (path: string): Promise<any> => import(pathToFileURL(join(repositoryRoot, path)).href); // eslint-disable-line @typescript-eslint/no-explicit-any

/** The configuration that each server parses its environment with. */
export async function configurations(): Promise<Record<'gateway' | 'worker', z.ZodObject>> {
  const [{ gatewayConfig }, { workerConfig }] = await Promise.all([built('apps/gateway/dist/configuration.js'), built('apps/worker/dist/worker-config.js')]);
  return { gateway: gatewayConfig, worker: workerConfig };
}

/** Name and labels of every series that the servers can show; a histogram's as Prometheus stores them. */
export async function series(): Promise<Map<string, Set<string>>> {
  const { counters, histograms, gauges } = await built('libs/metrics/dist/instruments.js');
  const named = new Map<string, Set<string>>();
  for (const { name, labelNames } of [...Object.values<any>(counters), ...Object.values<any>(gauges)]) named.set(name, new Set(labelNames)); // eslint-disable-line @typescript-eslint/no-explicit-any
  for (const { name, labelNames } of Object.values<any>(histograms)) { // eslint-disable-line @typescript-eslint/no-explicit-any
    named.set(`${name}_bucket`, new Set([...labelNames, 'le']));
    for (const suffix of ['_sum', '_count']) named.set(`${name}${suffix}`, new Set(labelNames));
  }
  return named;
}
