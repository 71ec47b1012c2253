import { z } from 'zod';

const positive = z.string().regex(/^\d+(\.\d+)?$/);

/**
 * As much of KEDA's ScaledObject (keda.sh/v1alpha1) as k8s/ uses, and strict. Ours: KEDA publishes its schema inside the
 * cluster only. Field names are those of KEDA 2.15 to 2.21.
 */
export const scaledObject = z.strictObject({
  apiVersion: z.literal('keda.sh/v1alpha1'),
  kind: z.literal('ScaledObject'),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.strictObject({
    scaleTargetRef: z.strictObject({ name: z.string() }),
    minReplicaCount: z.int().min(0),
    maxReplicaCount: z.int().min(1),
    pollingInterval: z.int().min(1),
    cooldownPeriod: z.int().min(0),
    advanced: z.strictObject({
      horizontalPodAutoscalerConfig: z.strictObject({ behavior: z.strictObject({ scaleUp: rules(), scaleDown: rules() }) }),
    }),
    triggers: z.array(z.strictObject({
      type: z.literal('metrics-api'),
      name: z.string(),
      metricType: z.literal('AverageValue'),
      metadata: z.strictObject({
        url: z.url(),
        format: z.literal('prometheus'),
        valueLocation: z.string(),
        targetValue: positive,
        activationTargetValue: positive,
      }),
    })).min(1),
  }),
});

export type ScaledObject = z.infer<typeof scaledObject>;

function rules() {
  const policy = z.strictObject({ type: z.enum(['Pods', 'Percent']), value: z.int().min(1), periodSeconds: z.int().min(1).max(1800) });
  return z.strictObject({ stabilizationWindowSeconds: z.int().min(0).max(3600), policies: z.array(policy).min(1) });
}

/** The value that a trigger finds in a scrape: of the series with this name and these labels, as KEDA's selector has it. */
export function valueAt(scrape: string, location: string): number | undefined {
  const [, name, wanted = ''] = /^([a-z_]+)(?:\{(.*)\})?$/.exec(location) ?? [];
  const line = scrape.split('\n').find((each) => new RegExp(`^${name}[ {]`).test(each) && wanted.split(',').every((label) => each.includes(label)));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}
