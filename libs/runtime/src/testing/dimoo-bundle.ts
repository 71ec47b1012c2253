import { fileURLToPath } from 'node:url';
import { graphFiles, loadBundle } from '../bundle.js';
import { OnnxRunner } from '../onnx-runner.js';

/** A Lumina-DiMOO of random weights: 5 × 3 tokens of 2 × 2 pixels, prompts of up to 27 tokens in a template of 13. */
export const DIMOO_BUNDLE = fileURLToPath(new URL('../../../../tests/dimoo-tiny', import.meta.url));

/** Its runner in the calling thread, on the CPU. */
export async function openDimooRunner(): Promise<OnnxRunner> {
  const bundle = await loadBundle(DIMOO_BUNDLE);
  return OnnxRunner.open(bundle.manifest, graphFiles(bundle), { executionProvider: 'cpu', threads: 2 });
}
