import type { GenerationObject } from '@slipstream/client';

const kinds = { F: 'full', R: 'recalled', s: 'shortcut', p: 'partial' } as const;

/** A mark a step, tall where it is full. */
export function Timeline({ steps, map }: { steps: number; map: string }) {
  return (
    <div className="timeline" role="img" aria-label={`${map.length} of ${steps} steps done: ${countsOf(map)}`}>
      {Array.from({ length: steps }, (_, index) => <span key={index} data-kind={kinds[map[index] as keyof typeof kinds] ?? 'ahead'} />)}
    </div>
  );
}

/** "3 full, 29 shortcut". */
export function countsOf(map: string): string {
  const counts = Object.entries(kinds).map(([letter, kind]) => [[...map].filter((each) => each === letter).length, kind] as const);
  return counts.filter(([count]) => count > 0).map(([count, kind]) => `${count} ${kind}`).join(', ') || 'none yet';
}

export const mapOf = ({ step_map: map }: Pick<GenerationObject, 'step_map'>): string => map ?? '';
