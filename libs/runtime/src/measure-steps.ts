import { performance } from 'node:perf_hooks';
import { SlipstreamError, type BundleManifest } from '@slipstream/contracts';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { graphFiles, isLarge, loadBundle } from './bundle.js';
import { openGraph, type SessionOptions } from './graph-session.js';
import { reason } from './reason.js';
import { stepInputs } from './step-inputs.js';

/** Where a step's features lie between runs: in the caller's memory, or as the device left them. */
export type FeaturePlace = 'host' | 'device';

export interface StepMeasure {
  readonly kind: 'full' | 'shortcut';
  readonly features: FeaturePlace;
  readonly rows: number;
  /** Of each run after those that warm up, from inputs to the tokens in the caller's memory; none where it failed. */
  readonly seconds: readonly number[];
  /** Why there are none. */
  readonly failure?: string;
}

export interface MeasureOptions extends SessionOptions {
  readonly kinds?: readonly StepMeasure['kind'][];
  readonly places?: readonly FeaturePlace[];
  /** Rows of one run, ascending: the first size that fails, or whose run would be too long, ends its column. */
  readonly rows: readonly number[];
  /** Measured runs of each at most. Default 10. */
  readonly runs?: number;
  /** No measurement goes on for longer, in seconds; at least one run is measured. Default 5. */
  readonly patience?: number;
  /** Looked at between two runs. */
  readonly signal?: AbortSignal;
}

/**
 * Times full and shortcut steps as one graph run each, at every number of rows, with features that cross to the caller and
 * back or that stay on the device. Rejects as `openRunner` does; a run that fails is a measure with its failure.
 */
export async function measureSteps(bundleDir: string, options: MeasureOptions, hear: (measure: StepMeasure) => void): Promise<void> {
  const { executionProvider, kinds = ['full', 'shortcut'], places = executionProvider === 'webgpu' ? ['host', 'device'] : ['host'] } = options;
  if (places.includes('device') && executionProvider !== 'webgpu') {
    throw new SlipstreamError('configuration_invalid', `features stay on the device with webgpu alone, not with ${executionProvider}`, { param: 'features', remedy: 'measure them on the host' });
  }
  const bundle = await loadBundle(bundleDir);
  const { manifest } = bundle;
  const { graphs, folder } = graphFiles(bundle);
  for (const kind of kinds.filter((each) => manifest.graphs[each])) {
    for (const place of places) {
      const keep = place === 'device' ? ['features'] : [];
      const session = await openGraph(manifest.graphs[kind]!, graphs[kind]!, { ...options, folder, keep, lean: isLarge(manifest) });
      await measureColumn(new MeasuredStep(session, manifest, kind, place), options, hear);
      await session.release();
    }
  }
}

async function measureColumn(step: MeasuredStep, { rows, runs = 10, patience = 5, signal }: MeasureOptions, hear: (measure: StepMeasure) => void): Promise<void> {
  const { kind, place: features } = step;
  for (const count of rows) {
    signal?.throwIfAborted();
    try {
      step.prepare(count);
      const seconds = await timesOf(step, { runs, patience });
      hear({ kind, features, rows: count, seconds });
      if (Math.min(...seconds) > patience) return;
    } catch (cause) {
      return hear({ kind, features, rows: count, seconds: [], failure: reason(cause) });
    } finally {
      step.forget();
    }
  }
}

/** The first run compiles shaders and lays out memory, the second still warms up; a second one that takes long counts. */
async function timesOf(step: MeasuredStep, { runs, patience }: { readonly runs: number; readonly patience: number }): Promise<number[]> {
  const seconds: number[] = [];
  await step.run();
  const begun = performance.now();
  for (let run = 0; run <= runs && (seconds.length === 0 || performance.now() - begun < patience * 1000); run++) {
    const taken = await step.run();
    if (run > 0 || taken > patience / 2) seconds.push(taken);
  }
  return seconds;
}

/** One graph, run again and again; a shortcut goes on from its own last features. */
class MeasuredStep {
  private feeds: Record<string, Tensor> = {};
  private kept: Tensor | undefined;

  constructor(
    private readonly session: InferenceSession,
    private readonly manifest: BundleManifest,
    readonly kind: StepMeasure['kind'],
    readonly place: FeaturePlace,
  ) {}

  prepare(rows: number): void {
    this.feeds = stepInputs(this.manifest, this.kind, rows);
  }

  async run(): Promise<number> {
    const wanted = this.manifest.graphs[this.kind]!.outputs.map(({ name }) => name).filter((name) => name !== 'residual');
    const begun = performance.now();
    const outputs = await this.session.run(this.feeds, wanted);
    const seconds = (performance.now() - begun) / 1000;
    const last = this.kept;
    this.kept = outputs['features'];
    if (this.kind === 'shortcut') this.feeds = { ...this.feeds, last_features: this.kept! };
    if (this.place === 'device') last?.dispose();
    return seconds;
  }

  /** Frees what the last run left. */
  forget(): void {
    if (this.place === 'device') this.kept?.dispose();
    this.kept = undefined;
  }
}
