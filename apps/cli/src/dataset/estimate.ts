import type { DatasetPlan } from '@slipstream/contracts';
import { pictureMaker, sampleCount, samplesOf, type PromptSource } from '@slipstream/datasets';
import { encodePicture } from '@slipstream/pictures';
import type { Engine, StepReport } from '@slipstream/runtime';

/** What a plan will take, by the cost of its first pictures on this machine. */
export interface Estimate {
  /** Pictures made to find out. */
  readonly measured: number;
  /** Seconds of the device for one row of a run, mean, by kind. */
  readonly rowSeconds: Readonly<Record<string, number>>;
  /** In the graphs, all pictures. */
  readonly deviceSeconds: number;
  /** On the clock, on one machine such as this. */
  readonly seconds: number;
  /** Of all tars. */
  readonly bytes: number;
}

/** Members of a tar beside the picture: its text and JSON, and headers and padding of all three. */
const bytesBeside = 3 * 512 + 512 + 1024;

/** Makes the first pictures of a plan, twice as many as the engine has rows, after as many to warm up, and reckons from them. */
export async function estimate(plan: DatasetPlan, { engine, source, signal }: { engine: Engine; source: PromptSource; signal: AbortSignal }): Promise<Estimate> {
  const samples = await firstSamples(plan, source, 2 * engine.capacity);
  const make = pictureMaker(plan, { engine, encode: encodePicture });
  const makeAll = () => Promise.all(samples.map((sample) => make(sample, { signal })));
  await makeAll();
  const reports: StepReport[] = [];
  const unhear = engine.on((report) => reports.push(report));
  const startedMs = performance.now();
  const made = await makeAll().finally(unhear);
  const seconds = (performance.now() - startedMs) / 1000;
  const scale = sampleCount(plan) / made.length;
  const fileBytes = made.reduce((sum, { file }) => sum + Math.ceil(file.byteLength / 512) * 512, 0);
  return {
    measured: made.length,
    rowSeconds: rowSeconds(reports),
    deviceSeconds: scale * reports.reduce((sum, report) => sum + report.seconds, 0),
    seconds: scale * seconds,
    bytes: Math.round(scale * (fileBytes + made.length * bytesBeside)),
  };
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

function rowSeconds(reports: readonly StepReport[]): Record<string, number> {
  const kinds = new Map<string, { rows: number; seconds: number }>();
  for (const { kind, rows, seconds } of reports) {
    const so = kinds.get(kind) ?? { rows: 0, seconds: 0 };
    kinds.set(kind, { rows: so.rows + rows, seconds: so.seconds + seconds });
  }
  return Object.fromEntries([...kinds].map(([kind, { rows, seconds }]) => [kind, seconds / rows]));
}
