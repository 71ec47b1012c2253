import { spread } from '@slipstream/quality';
import type { StepMeasure } from '@slipstream/runtime';

const COLUMNS = [['full', 'host'], ['full', 'device'], ['shortcut', 'host'], ['shortcut', 'device']] as const;

/** Milliseconds of a run, medians, by its rows, as Markdown; failures in words below. */
export function formatSteps(measures: readonly StepMeasure[]): string[] {
  const columns = COLUMNS.filter(([kind, features]) => measures.some((each) => each.kind === kind && each.features === features));
  const rows = [...new Set(measures.map((each) => each.rows))].sort((a, b) => a - b);
  const median = (count: number, kind: string, features: string): number | undefined => {
    const found = measures.find((each) => each.rows === count && each.kind === kind && each.features === features);
    return found && found.seconds.length > 0 ? 1000 * spread(found.seconds).median : undefined;
  };
  const ratio = (count: number, features: string): number => median(count, 'full', features)! / median(count, 'shortcut', features)!;
  const places = (['host', 'device'] as const).filter((place) => columns.some(([, features]) => features === place));
  const shown = (value: number | undefined): string => (value === undefined || Number.isNaN(value) ? '' : value.toFixed(1));
  return [
    `| rows | ${[...columns.map(([kind, features]) => `${kind}, features on the ${features}, ms`), ...places.map((place) => `full ÷ shortcut, ${place}`)].join(' | ')} |`,
    `|---|${'---|'.repeat(columns.length + places.length)}`,
    ...rows.map((count) => `| ${[count, ...columns.map(([kind, features]) => shown(median(count, kind, features))), ...places.map((place) => shown(ratio(count, place)))].join(' | ')} |`),
    ...measures.flatMap(({ kind, features, rows: count, failure }) => (failure === undefined ? [] : ['', `${kind}, features on the ${features}, ${count} rows: ${failure}`])),
  ];
}
