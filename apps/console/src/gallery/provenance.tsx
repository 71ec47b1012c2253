import type { GenerationObject } from '@slipstream/client';

/** Every figure that the service gives, under its own name. */
export function Provenance({ generation }: { generation: GenerationObject }) {
  const { id, model, n, size, output_format, output_compression, background, acceleration, slipstream, created_at: createdAt, expires_at: expiresAt } = generation;
  const told = { id, asked_for: time(createdAt), kept_until: time(expiresAt), model, n, size, output_format, output_compression, background, acceleration, ...slipstream };
  return <dl className="provenance">{rowsOf(told).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

/** An object's leaves by their paths. */
export function rowsOf(value: object, path = ''): [name: string, value: string][] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]): [string, string][] => {
    const whole = path === '' ? name : `${path}.${name}`;
    if (inner === undefined || inner === null) return [];
    return typeof inner === 'object' ? rowsOf(inner, whole) : [[whole, String(inner)]];
  });
}

const time = (seconds: number | null): string | undefined => (seconds === null ? undefined : new Date(seconds * 1000).toISOString());
