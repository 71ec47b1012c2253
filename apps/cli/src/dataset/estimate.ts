import type { DatasetPlan } from '@slipstream/contracts';
import { estimateDataset, pictureMaker, samplesOf, type Estimate, type MeasuredCosts, type PromptSource } from '@slipstream/datasets';
import { encodePicture } from '@slipstream/pictures';
import type { Engine, StepReport } from '@slipstream/runtime';

/** What a plan will take on this machine, and the pictures that it is reckoned from. */
export interface MeasuredEstimate extends Estimate<number> {
  /** Pictures made to find out. */
  readonly measured: number;
  /** Seconds of the device for one row of a run, mean, by kind. */
  readonly rowSeconds: Readonly<Record<string, number>>;
}

/** Makes the first pictures of a plan, twice as many as the engine has rows, after as many to warm up, and reckons from them. */
export async function estimate(plan: DatasetPlan, { engine, source, signal }: { engine: Engine; source: PromptSource; signal: AbortSignal }): Promise<MeasuredEstimate> {
  const samples = await firstSamples(plan, source, 2 * engine.capacity);
  const make = pictureMaker(plan, { engine, encode: encodePicture });
  const makeAll = () => Promise.all(samples.map((sample) => make(sample, { signal })));
  await makeAll();
  const reports: StepReport[] = [];
  const unhear = engine.on((report) => reports.push(report));
  const startedMs = performance.now();
  const made = await makeAll().finally(unhear);
  const seconds = (performance.now() - startedMs) / 1000;
  const costs = costsOf(reports, { pictures: made.length, bytes: made.reduce((sum, { file }) => sum + file.byteLength, 0), seconds });
  return { measured: made.length, rowSeconds: costs.rowSeconds, ...(estimateDataset(plan, costs) as Estimate<number>) }; // all was measured
}

/** Of prompts that are some, in order: repeated prompts then share first steps as they will in the run. */
async function firstSamples(plan: DatasetPlan, source: PromptSource, count: number) {
  const rows = [];
  for await (const row of source.rows()) {
    if (row.fault === undefined) rows.push(row);
    if (rows.length * plan.picturesPerPrompt >= count) break;
  }
  const few = { ...plan, prompts: { ...plan.prompts, count: rows.length }, shards: 1 };
  return samplesOf(few, 0, rows).slice(0, count);
}

function costsOf(reports: readonly StepReport[], { pictures, bytes, seconds }: { pictures: number; bytes: number; seconds: number }) {
  const kinds = new Map<string, { rows: number; seconds: number }>();
  for (const report of reports) {
    const so = kinds.get(report.kind) ?? { rows: 0, seconds: 0 };
    kinds.set(report.kind, { rows: so.rows + report.rows, seconds: so.seconds + report.seconds });
  }
  const each = (value: (kind: { rows: number; seconds: number }) => number) => Object.fromEntries([...kinds].map(([kind, sums]) => [kind, value(sums)]));
  const inGraphs = reports.reduce((sum, report) => sum + report.seconds, 0);
  return { rowSeconds: each((kind) => kind.seconds / kind.rows), rowsPerPicture: each(({ rows }) => rows / pictures), fileBytes: bytes / pictures, devices: inGraphs / seconds } satisfies MeasuredCosts;
}
