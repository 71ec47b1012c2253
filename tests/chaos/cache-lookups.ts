import type { Fleet } from './fleet.js';

const line = /^slipstream_anchor_lookups_total\{[^}]*tier="redis"[^}]*\} (\d+)/gm;

/** Lookups in the cache Redis by how they went, as the workers that are up have counted since they started. */
export async function cacheLookups(fleet: Fleet): Promise<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const { url } of fleet.alive('worker')) {
    const text = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) }).then((answer) => answer.text(), () => '');
    for (const [sample, count] of text.matchAll(line)) {
      const result = /result="([^"]+)"/.exec(sample)?.[1] ?? 'unknown';
      total[result] = (total[result] ?? 0) + Number(count);
    }
  }
  return total;
}
