import './no-telemetry.js';
import { SlipstreamError, type BundleManifest, type GraphName } from '@slipstream/contracts';
import { InferenceSession, listSupportedBackends } from 'onnxruntime-node';
import type { ExecutionProvider } from './engine.js';
import { reason } from './reason.js';

export interface SessionOptions {
  readonly executionProvider: ExecutionProvider;
  /** Threads inside one run. */
  readonly threads: number;
}

/** What a graph is opened with beside its own bytes. */
export interface OpenOptions extends SessionOptions {
  /** The folder of the file that its large weights lie in, which is mapped into memory. */
  readonly folder?: string;
  /**
   * True leaves weights as they lie in the file, shared by all graphs, and plans no memory for shapes that were seen. False,
   * the default, keeps a plan for each shape, and a copy of the weights that is laid out for the kernels: faster for small runs.
   */
  readonly lean?: boolean;
  /**
   * Outputs that stay on the device, with webgpu; default none. ONNX Runtime's binding can hand them to another run and free
   * them, and reads them not: `getData` ends the process.
   */
  readonly keep?: readonly string[];
}

type Tensors = NonNullable<BundleManifest['graphs'][GraphName]>['inputs'];

/**
 * Opens one graph of a bundle and holds its signature against the manifest. Throws SlipstreamError `bundle_invalid`
 * naming the file and the tensor that disagrees, or `configuration_invalid` for a provider that is not to be had.
 */
export async function openGraph(
  graph: { readonly file: string; readonly inputs: Tensors; readonly outputs: Tensors },
  bytes: Uint8Array,
  options: OpenOptions,
): Promise<InferenceSession> {
  requireProvider(options.executionProvider);
  const session = await create(graph.file, bytes, options);
  const faults = [
    ...disagreements(graph.inputs, session.inputMetadata, 'input'),
    ...disagreements(graph.outputs, session.outputMetadata, 'output'),
  ];
  if (faults.length > 0) throw unfit(graph.file, `disagrees with the manifest: ${faults.join('; ')}`);
  return session;
}

function requireProvider(provider: ExecutionProvider): void {
  const had = listSupportedBackends().map(({ name }) => name);
  if (had.includes(provider)) return;
  throw unavailable(provider, `is not in this build of ONNX Runtime, which has ${had.join(', ')}`);
}

async function create(file: string, bytes: Uint8Array, { executionProvider, threads, folder, lean = false, keep = [] }: OpenOptions): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      executionProviders: [executionProvider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      enableMemPattern: !lean, // such a plan takes its memory beside what the first run left in the arena
      extra: {
        // The graphs take turns on the same cores: a pool that still spins after its run would slow the next one's.
        'session.force_spinning_stop': '1',
        'session.disable_prepacking': lean ? '1' : '0',
        ...(folder !== undefined && { 'session.model_external_initializers_file_folder_path': folder }),
      },
      ...(keep.length > 0 && { preferredOutputLocation: Object.fromEntries(keep.map((name) => [name, 'gpu-buffer'] as const)) }),
      logSeverityLevel: 4, // what fails is thrown; nothing is said twice
    });
  } catch (cause) {
    if (executionProvider !== 'cpu') throw unavailable(executionProvider, `cannot open ${file}: ${reason(cause)}`, cause);
    throw unfit(file, `cannot be opened by ONNX Runtime: ${reason(cause)}`, cause);
  }
}

/** A free axis of the manifest must be free in the graph too; an output's axis that the graph leaves open may be any. */
function disagreements(promised: Tensors, found: readonly InferenceSession.ValueMetadata[], role: 'input' | 'output'): string[] {
  const byName = new Map(found.map((tensor) => [tensor.name, tensor]));
  const unknown = found.filter(({ name }) => !promised.some((tensor) => tensor.name === name));
  return [
    ...unknown.map(({ name }) => `it has an ${role} ${name} that the manifest does not know`),
    ...promised.flatMap(({ name, type, shape }) => {
      const tensor = byName.get(name);
      if (tensor?.isTensor !== true) return [`its ${role} ${name} is missing`];
      const open = (axis: number | string): boolean => role === 'output' && typeof axis === 'string';
      const fits = tensor.shape.length === shape.length && shape.every((axis, i) => sameAxis(axis, tensor.shape[i]!) || open(tensor.shape[i]!));
      if (tensor.type === type && fits) return [];
      return [`its ${role} ${name} is ${tensor.type} [${tensor.shape.join(', ')}], the manifest promises ${type} [${shape.join(', ')}]`];
    }),
  ];
}

function sameAxis(promised: number | string, found: number | string): boolean {
  return typeof promised === 'string' ? typeof found === 'string' : promised === found;
}

function unfit(file: string, fault: string, cause?: unknown): SlipstreamError {
  const remedy = 'export the bundle again';
  return new SlipstreamError('bundle_invalid', `${file} ${fault}`, { param: file, remedy, cause });
}

function unavailable(provider: ExecutionProvider, fault: string, cause?: unknown): SlipstreamError {
  const remedy = 'use cpu, or install ONNX Runtime with that provider and the driver it needs';
  const param = 'EXECUTION_PROVIDER';
  return new SlipstreamError('configuration_invalid', `execution provider ${provider} ${fault}`, { param, remedy, cause });
}
