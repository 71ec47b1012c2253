import { fileURLToPath } from 'node:url';
import { graphFiles, loadBundle } from '../bundle.js';
import { OnnxRunner } from '../onnx-runner.js';

/** A MaskGIT of random weights whose prompts are classes, ten of them; 4 × 4 tokens. */
export const CLASS_BUNDLE = fileURLToPath(new URL('../../../../tests/maskgit-tiny', import.meta.url));

/** The same with the matrices of its base's blocks as 8 bits. */
export const INT8_BUNDLE = fileURLToPath(new URL('../../../../tests/bundles/maskgit-tiny-int8', import.meta.url));

/** The runner of one of them in the calling thread, on the CPU. */
export async function openClassRunner(bundleDir = CLASS_BUNDLE): Promise<OnnxRunner> {
  const bundle = await loadBundle(bundleDir);
  return OnnxRunner.open(bundle.manifest, graphFiles(bundle), { executionProvider: 'cpu', threads: 2 });
}
