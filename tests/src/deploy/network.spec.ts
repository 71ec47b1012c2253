import { beforeAll, describe, expect, it } from 'vitest';
import { provideKubectl } from './kubectl.js';
import { componentOf, environmentOf, rendered, type Rendered } from './rendered.js';

const kubectl = await provideKubectl();

type Labels = Record<string, string>;

/** As much of label selectors as the policies use. */
function selects({ matchLabels = {}, matchExpressions = [] }: any, labels: Labels): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value) && matchExpressions.every(({ key, operator, values }: any) => operator === 'In' && values.includes(labels[key]));
}

/** Whether pods of this namespace with these labels may talk, by the policies of both sides. */
function mayTalk({ of }: Rendered, { from, to, port }: { from: Labels; to: Labels; port: number }): boolean {
  const side = (self: Labels, peer: Labels, [type, field, peers]: [string, string, string]): boolean => {
    const policies = of('NetworkPolicy').filter(({ spec }) => spec.policyTypes.includes(type) && selects(spec.podSelector, self));
    if (policies.length === 0) return true;
    return policies.flatMap(({ spec }) => spec[field] ?? []).some((rule: any) =>
      rule.ports.some((each: any) => each.port === port && each.protocol === 'TCP') && (rule[peers] === undefined || rule[peers].some(({ podSelector }: any) => podSelector && selects(podSelector, peer))));
  };
  return side(from, to, ['Egress', 'egress', 'to']) && side(to, from, ['Ingress', 'ingress', 'from']);
}

describe.skipIf(!kubectl).each(['overlays/cpu', 'overlays/nvidia', 'overlays/keda', 'overlays/production'])('the network of k8s/%s', (target) => {
  let manifests: Rendered;
  beforeAll(async () => {
    manifests = await rendered(kubectl!, target);
  });

  const labelsOf = (name: string): Labels => manifests.workloads.find(({ metadata }) => metadata.name === name).spec.template.metadata.labels;
  const redis = (): [string, Labels][] => ['queue-redis', 'cache-redis'].map((name) => [name, labelsOf(name)]);

  it('is closed but for what a policy opens', () => {
    expect(manifests.of('NetworkPolicy').find(({ metadata }) => metadata.name === 'default-deny').spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    for (const [, to] of redis()) expect(mayTalk(manifests, { from: {}, to, port: 6379 })).toBe(false);
    expect(mayTalk(manifests, { from: labelsOf('gateway'), to: labelsOf('worker'), port: 8081 })).toBe(false);
    expect(mayTalk(manifests, { from: labelsOf('queue-redis'), to: labelsOf('gateway'), port: 8080 })).toBe(false);
  });

  it('lets each server reach the addresses in its environment, and what they lead to', () => {
    for (const workload of manifests.workloads.filter((each) => ['gateway', 'worker'].includes(componentOf(each)!))) {
      const env = environmentOf(manifests, workload.spec.template.spec.containers[0]);
      for (const key of ['REDIS_URL', 'CACHE_REDIS_URL'].filter((each) => env[each] !== undefined)) {
        const { hostname, port } = new URL(env[key]!);
        const service = manifests.of('Service').find(({ metadata }) => metadata.name === hostname);
        expect(service?.spec.ports, key).toEqual([expect.objectContaining({ port: Number(port) })]);
        expect(mayTalk(manifests, { from: workload.spec.template.metadata.labels, to: labelsOf(hostname), port: Number(port) }), key).toBe(true);
      }
    }
    const caches = manifests.workloads.filter((each) => componentOf(each) === 'worker').map((each) => environmentOf(manifests, each.spec.template.spec.containers[0]));
    for (const env of caches) expect(new URL(env['CACHE_REDIS_URL']!).host).not.toBe(new URL(env['REDIS_URL']!).host);
  });

  it('leads to an object store: that of the cluster, or one behind HTTPS anywhere', () => {
    const from = labelsOf('worker');
    const [secret] = manifests.of('Secret').filter(({ metadata }) => metadata.name.startsWith('object-store'));
    if (secret) {
      const { hostname, port } = new URL(Buffer.from(secret.data.AWS_ENDPOINT_URL, 'base64').toString());
      expect(mayTalk(manifests, { from, to: labelsOf(hostname), port: Number(port) })).toBe(true);
    } else {
      const rules = manifests.of('NetworkPolicy').filter(({ spec }) => selects(spec.podSelector, from)).flatMap(({ spec }) => spec.egress ?? []);
      expect(rules).toContainEqual({ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } }], ports: [{ protocol: 'TCP', port: 443 }] });
    }
  });
});
