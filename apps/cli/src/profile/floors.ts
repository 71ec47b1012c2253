import type { BundleManifest } from '@slipstream/contracts';
import type { MachineSpeed } from '@slipstream/runtime';
import { z } from 'zod';
import type { FloorFigure, ProfileReport } from './profile-report.js';

/** What an importer writes beside a bundle's graphs: of one row with both branches and every position masked. */
const counted = z.object({ operations: z.record(z.string(), z.object({ operations: z.number().positive(), weightBytes: z.number().positive() })) });

/** The least that a full and a shortcut step could take here; none of a bundle that does not tell its operations. */
export function floorsOf({ training }: Pick<BundleManifest, 'training'>, { operationsPerSecond, bytesPerSecond }: MachineSpeed, steps: ProfileReport['steps']): FloorFigure[] {
  const parsed = counted.safeParse(training);
  if (!parsed.success) return [];
  return (['full', 'shortcut'] as const).flatMap((graph) => {
    const known = parsed.data.operations[graph];
    if (known === undefined) return [];
    const seconds = Math.max(known.operations / operationsPerSecond, known.weightBytes / bytesPerSecond);
    return [{ graph, ...known, seconds, share: seconds / steps[graph].median }];
  });
}
