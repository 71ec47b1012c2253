import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../harness/index.js';
import { provideKubectl } from './kubectl.js';
import { componentOf, environmentOf, rendered, targets, type Rendered } from './rendered.js';

const kubectl = await provideKubectl();

/** What tells one target from another. */
describe.skipIf(!kubectl)('the overlays', () => {
  const of: Record<string, Rendered> = {};
  beforeAll(async () => {
    for (const target of targets) of[target] = await rendered(kubectl!, target);
  });

  const worker = (target: string) => of[target]!.of('Deployment').find((each) => componentOf(each) === 'worker');

  it.each([['overlays/nvidia'], ['overlays/production']])('%s: each worker has one GPU to itself, and uses it', (target) => {
    const { spec: { strategy, template: { spec } } } = worker(target);
    expect(spec.containers[0].resources.limits['nvidia.com/gpu']).toBe('1');
    expect(spec.containers[0].image).toMatch(/-cuda$/);
    expect(environmentOf(of[target]!, spec.containers[0])['EXECUTION_PROVIDER']).toBe('cuda');
    expect(strategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
  });

  it.each([['overlays/cpu'], ['overlays/nvidia']])('%s: has a number of workers of its own', (target) => {
    expect(worker(target).spec.replicas).toBeGreaterThan(0);
    expect(of[target]!.of('ScaledObject')).toEqual([]);
  });

  it.each([['overlays/keda'], ['overlays/production'], ['examples/second-model']])('%s: KEDA alone says how many workers there are, none included', (target) => {
    const [{ spec, metadata }, ...others] = of[target]!.of('ScaledObject');
    expect(others).toEqual([]);
    expect(spec.scaleTargetRef.name).toBe(worker(target).metadata.name);
    expect(metadata.name).toBe(worker(target).metadata.name);
    expect(worker(target).spec).not.toHaveProperty('replicas');
    expect(spec.minReplicaCount).toBe(0);
  });

  it.each([['overlays/keda'], ['overlays/production'], ['examples/second-model']])('%s: workers go one at a time, once it is quiet for longer than they drain', (target) => {
    const { advanced: { horizontalPodAutoscalerConfig: { behavior: { scaleDown } } }, cooldownPeriod } = of[target]!.of('ScaledObject')[0].spec;
    const grace = worker(target).spec.template.spec.terminationGracePeriodSeconds;
    expect(scaleDown.policies).toEqual([{ type: 'Pods', value: 1, periodSeconds: expect.any(Number) }]);
    for (const seconds of [scaleDown.stabilizationWindowSeconds, scaleDown.policies[0].periodSeconds, cooldownPeriod]) expect(seconds).toBeGreaterThan(grace);
  });

  it.each([['overlays/keda'], ['overlays/production'], ['examples/second-model']])('%s: KEDA asks the gateway of this model', (target) => {
    const gateways = of[target]!.of('Service').filter(({ spec }) => spec.selector['app.kubernetes.io/component'] === 'gateway');
    const address = `http://${gateways[0].metadata.name}.${gateways[0].metadata.namespace}.svc:${gateways[0].spec.ports[0].port}/metrics`;
    for (const { metadata } of of[target]!.of('ScaledObject')[0].spec.triggers) expect(metadata.url).toBe(address);
  });

  it('production holds no secret, publishes the API and its description alone, and answers for a job once it is on disk', () => {
    const { of: kind, workloads } = of['overlays/production']!;
    expect(kind('Secret')).toEqual([]);
    expect(kind('Ingress').flatMap(({ spec }) => spec.rules.flatMap(({ http }: any) => http.paths.map(({ path }: any) => path)))).toEqual(['/v1', '/openapi.json', '/reference']);
    expect(workloads.find(({ metadata }) => metadata.name === 'queue-redis').spec.template.spec.containers[0].args).toContain('--appendfsync always');
  });

  it('production lets a file through that the gateway takes', async () => {
    const [{ metadata: { annotations } }] = of['overlays/production']!.of('Ingress');
    const [, mebibytes] = /^(\d+)m$/.exec(annotations['nginx.ingress.kubernetes.io/proxy-body-size'])!;
    const limit = /\| `FILE_LIMIT_BYTES` \| (\d+) \|/.exec(await readFile(join(repositoryRoot, 'docs/configuration.md'), 'utf8'))![1];
    expect(Number(mebibytes) * 2 ** 20).toBeGreaterThan(Number(limit) + 65_536);
  });

  it('a second model shares no name, queue or pod with the first', () => {
    const [first, second] = [of['overlays/keda']!, of['examples/second-model']!];
    const names = (target: Rendered) => target.all.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names(second).filter((name) => names(first).includes(name))).toEqual([]);
    const prefix = (target: Rendered) => target.of('ConfigMap')[0].data.QUEUE_PREFIX;
    expect(prefix(second)).not.toBe(prefix(first));
    for (const { spec } of second.workloads) expect(spec.selector.matchLabels['slipstream/model']).toBe('faces');
  });

  it('a second model finds its bundle where it was told to look', () => {
    for (const { spec: { template: { spec } } } of of['examples/second-model']!.workloads) {
      const folder = environmentOf(of['examples/second-model']!, spec.containers[0])['BUNDLE'];
      expect(spec.containers[0].volumeMounts).toContainEqual({ name: 'bundle', mountPath: folder, readOnly: true });
      expect(spec.initContainers[0].volumeMounts).toContainEqual({ name: 'bundle', mountPath: '/bundle' });
    }
  });
});
