import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '@slipstream/server-kit';
import { stringify } from 'yaml';
import { runToEnd } from '../harness/index.js';
import { configurations } from './built.js';
import { checkers } from './checkers.js';
import { provideKubectl } from './kubectl.js';
import { componentOf, containersOf, environmentOf, rendered, targets, type Rendered } from './rendered.js';
import { scaledObject } from './scaled-object.js';

const kubectl = await provideKubectl();
const closeSeconds = 8; // closeDeadlineMs of server-kit's runUntilSignal
/** Read by another part of the fleet than the two parsers: the AWS SDK, ONNX Runtime, the manifests themselves. */
const elsewhere = /^(AWS_[A-Z_]+|ORT_DISABLE_TELEMETRY|REDIS_PASSWORD)$/;

const has = (labels: Record<string, string> | undefined, selector: Record<string, string>): boolean => Object.entries(selector).every(([key, value]) => labels?.[key] === value);

describe.skipIf(!kubectl).each(targets)('k8s/%s', (target) => {
  let manifests: Rendered;
  let servers: any[];

  beforeAll(async () => {
    manifests = await rendered(kubectl!, target);
    servers = manifests.workloads.filter((each) => ['gateway', 'worker'].includes(componentOf(each)!));
    expect(servers).toHaveLength(2);
  });

  it('is what the schemas of Kubernetes 1.34 ask for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipstream-manifests-'));
    const file = join(folder, 'manifests.yaml');
    await writeFile(file, manifests.all.filter(({ kind }) => kind !== 'ScaledObject').map((each) => stringify(each)).join('---\n'));
    await runToEnd((await checkers())('python'), ['-m', 'kubernetes_validate', '-k', '1.34', '--strict', '--quiet', file]).finally(() => rm(folder, { recursive: true }));
    for (const each of manifests.of('ScaledObject')) scaledObject.parse(each);
  }, 300_000);

  it('gives each server longer to go than preStop, drain and close together', () => {
    for (const workload of servers) {
      const pod = workload.spec.template.spec;
      const [container] = pod.containers;
      const drain = Number(environmentOf(manifests, container)['DRAIN_SECONDS']);
      expect(drain).toBeGreaterThan(0);
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan((container.lifecycle?.preStop.sleep.seconds ?? 0) + drain + closeSeconds);
    }
  });

  it('sets what every container needs at least and may take at most', () => {
    for (const { name, resources } of manifests.workloads.flatMap(containersOf)) {
      for (const side of ['requests', 'limits']) expect(resources?.[side], `${name} ${side}`).toMatchObject({ cpu: expect.anything(), memory: expect.anything() });
    }
  });

  it('names every image with a version', () => {
    for (const { image } of manifests.workloads.flatMap(containersOf)) expect(image).toMatch(/^[a-z0-9./-]+:(?!latest)[\w.-]*\d[\w.-]*$/);
  });

  it('runs nothing as root, with rights it does not need, or on a disk that it could change', () => {
    for (const workload of manifests.workloads) {
      const { securityContext, automountServiceAccountToken } = workload.spec.template.spec;
      expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(securityContext.runAsUser).toBeGreaterThan(0);
      expect(automountServiceAccountToken).toBe(false);
      for (const container of containersOf(workload)) {
        expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
      }
    }
  });

  it('lets each server write to /tmp, within bounds, and nowhere else', () => {
    for (const workload of servers) {
      const { containers: [container], volumes } = workload.spec.template.spec;
      const writable = container.volumeMounts.filter(({ readOnly }: any) => !readOnly);
      expect(writable).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
      expect(volumes.find(({ name }: any) => name === 'tmp').emptyDir.sizeLimit).toMatch(/^\d+Mi$/);
    }
  });

  it('configures the servers with keys that they know, and values that they take', async () => {
    const known = await configurations();
    for (const workload of servers) {
      const own = componentOf(workload) as 'gateway' | 'worker';
      const env = environmentOf(manifests, workload.spec.template.spec.containers[0]);
      const keys = Object.keys(env).filter((key) => !elsewhere.test(key));
      const everywhere = new Set([...Object.keys(known.gateway.shape), ...Object.keys(known.worker.shape)]);
      expect(keys.filter((key) => !everywhere.has(key))).toEqual([]);
      expect(parseConfig(known[own], env)).toMatchObject({ HOST: '0.0.0.0' });
    }
  });

  it('reads no ConfigMap or Secret but its own, and the three that docs/operations.md#install has made', () => {
    const there = new Set([...manifests.of('ConfigMap'), ...manifests.of('Secret')].map(({ kind, metadata }) => `${kind} ${metadata.name}`));
    const text = JSON.stringify(manifests.workloads);
    const read = [...text.matchAll(/"(configMapRef|secretRef|secretKeyRef)":\{[^}]*"name":"([^"]+)"/g)].map(([, by, name]) => `${by === 'configMapRef' ? 'ConfigMap' : 'Secret'} ${name}`);
    expect(read.length).toBeGreaterThan(3);
    const missing = read.filter((each) => !there.has(each));
    expect([...new Set(missing)].sort()).toEqual(manifests.of('Secret').length > 0 ? [] : ['Secret admin', 'Secret object-store', 'Secret redis']);
  });

  it('listens where it is asked: container, Service, probes, Prometheus and network policies', () => {
    for (const workload of servers) {
      const { metadata, spec: { containers: [container] } } = workload.spec.template;
      const key = componentOf(workload) === 'gateway' ? 'PORT' : 'WORKER_PORT';
      const port = Number(environmentOf(manifests, container)[key]);
      expect(container.ports).toEqual([{ name: 'http', containerPort: port }]);
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) expect(container[probe].httpGet.port).toBe('http');
      expect(container.readinessProbe.httpGet.path).toBe('/readyz');
      expect(metadata.annotations).toMatchObject({ 'prometheus.io/port': String(port), 'prometheus.io/path': '/metrics' });
      for (const policy of manifests.of('NetworkPolicy').filter(({ metadata: { name } }) => name === componentOf(workload))) {
        expect(policy.spec.ingress.flatMap(({ ports }: any) => ports.map((each: any) => each.port))).toEqual([port]);
      }
    }
    for (const { spec } of manifests.of('Service')) {
      const chosen = manifests.workloads.filter((each) => has(each.spec.template.metadata.labels, spec.selector));
      expect(chosen).toHaveLength(1);
      const names = chosen[0].spec.template.spec.containers[0].ports.map(({ name }: any) => name);
      expect(names).toEqual(expect.arrayContaining(spec.ports.map(({ targetPort }: any) => targetPort)));
    }
  });

  it('selects with every selector the pods of one workload', () => {
    for (const workload of manifests.workloads) expect(has(workload.spec.template.metadata.labels, workload.spec.selector.matchLabels)).toBe(true);
    const budgets = manifests.of('PodDisruptionBudget').map(({ spec }) => manifests.workloads.filter((each) => has(each.spec.template.metadata.labels, spec.selector.matchLabels)));
    expect(budgets.map((chosen) => chosen.map(({ kind, metadata }) => `${kind} ${metadata.name}`))).toEqual(servers.map(({ metadata }) => [`Deployment ${metadata.name}`]));
    for (const workload of servers) {
      for (const { labelSelector } of workload.spec.template.spec.topologySpreadConstraints) expect(labelSelector.matchLabels).toEqual(workload.spec.selector.matchLabels);
    }
  });

  it('runs every pod under an account of its own kind that has no token', () => {
    const accounts = manifests.of('ServiceAccount');
    for (const { automountServiceAccountToken } of accounts) expect(automountServiceAccountToken).toBe(false);
    if (accounts.length === 0) return; // a second model runs under those of the platform
    const names = accounts.map(({ metadata }) => metadata.name);
    for (const workload of manifests.workloads) expect(names).toContain(workload.spec.template.spec.serviceAccountName);
  });
});
