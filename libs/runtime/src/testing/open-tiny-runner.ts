import { graphFiles, loadBundle } from '../bundle.js';
import { OnnxRunner } from '../onnx-runner.js';
import { TINY_BUNDLE } from './bundle-copy.js';

/** The tiny bundle's runner in the calling thread, on the CPU. */
export async function openTinyRunner(): Promise<OnnxRunner> {
  const bundle = await loadBundle(TINY_BUNDLE);
  return OnnxRunner.open(bundle.manifest, graphFiles(bundle), { executionProvider: 'cpu', threads: 2 });
}
