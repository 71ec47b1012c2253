import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { repositoryRoot, runToEnd } from '../harness/index.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- documents of many kinds, judged by a schema of their own */

/** What can be applied, by its folder under k8s/. */
export const targets: readonly string[] = ['overlays', 'examples'].flatMap((kind) => readdirSync(join(repositoryRoot, 'k8s', kind)).map((name) => `${kind}/${name}`));

/** One target as `kubectl kustomize` gives it. */
export interface Rendered {
  readonly text: string;
  readonly all: readonly any[];
  of(kind: string): any[];
  /** Deployments and StatefulSets. */
  readonly workloads: readonly any[];
}

export async function rendered(kubectl: string, target: string): Promise<Rendered> {
  const text = await runToEnd(kubectl, ['kustomize', join(repositoryRoot, 'k8s', target)]);
  const all = parseAllDocuments(text).map((document) => document.toJS());
  const of = (kind: string): any[] => all.filter((each) => each.kind === kind);
  return { text, all, of, workloads: [...of('Deployment'), ...of('StatefulSet')] };
}

/** `app.kubernetes.io/component` of a workload's pods: gateway, worker, redis. */
export const componentOf = (workload: any): string | undefined => workload.spec.template.metadata.labels['app.kubernetes.io/component'];

/** Every container of a workload, those that come first included. */
export const containersOf = (workload: any): any[] => [...(workload.spec.template.spec.initContainers ?? []), ...workload.spec.template.spec.containers];

const standIns: Record<string, string> = { ADMIN_KEYS: `ops:${'x'.repeat(32)}` };

/** What a container's processes find in their environment, as far as the manifests say; secrets by a stand-in that fits. */
export function environmentOf({ of }: Rendered, container: any): Record<string, string> {
  const given = (container.envFrom ?? []).flatMap(({ configMapRef }: any) => Object.entries(of('ConfigMap').find(({ metadata }) => metadata.name === configMapRef?.name)?.data ?? {}));
  const named = (container.env ?? []).map(({ name, value, valueFrom }: any) => [name, value ?? (valueFrom?.resourceFieldRef ? String(Math.ceil(Number(container.resources.limits.cpu))) : (standIns[name] ?? 'secret'))]);
  const all: Record<string, string> = Object.fromEntries([...given, ...named]);
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, value.replace(/\$\(([A-Z_]+)\)/g, (_, other: string) => all[other] ?? `$(${other})`)]));
}
