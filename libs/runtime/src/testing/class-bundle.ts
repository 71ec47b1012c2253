import { fileURLToPath } from 'node:url';
import { graphFiles, loadBundle } from '../bundle.js';
import { OnnxRunner } from '../onnx-runner.js';

/** A MaskGIT of random weights whose prompts are classes, ten of them; 4 × 4 tokens. */
export const CLASS_BUNDLE = fileURLToPath(new URL('../../../../tests/maskgit-tiny', import.meta.url));

/** Its runner in the calling thread, on the CPU. */
export async function openClassRunner(): Promise<OnnxRunner> {
  const bundle = await loadBundle(CLASS_BUNDLE);
  return OnnxRunner.open(bundle.manifest, graphFiles(bundle), { executionProvider: 'cpu', threads: 2 });
}
