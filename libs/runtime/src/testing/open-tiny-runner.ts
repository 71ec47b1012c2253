import { graphNames } from '@slipstream/contracts';
import { loadBundle } from '../bundle.js';
import { OnnxRunner, type GraphFiles } from '../onnx-runner.js';
import { TINY_BUNDLE } from './bundle-copy.js';

/** The tiny bundle's runner in the calling thread, on the CPU. */
export async function openTinyRunner(): Promise<OnnxRunner> {
  const { manifest, files } = await loadBundle(TINY_BUNDLE);
  const graphs = Object.fromEntries(graphNames.map((name) => [name, files.get(manifest.graphs[name].file)!])) as GraphFiles;
  return OnnxRunner.open(manifest, graphs, { executionProvider: 'cpu', threads: 2 });
}
