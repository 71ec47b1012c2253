import { beforeAll, describe, expect, it } from 'vitest';
import { loadBundle, type Bundle } from './bundle.js';
import { openGraph } from './graph-session.js';
import { TINY_BUNDLE } from './testing/bundle-copy.js';


describe('a graph', () => {
  let bundle: Bundle;
  let options: Parameters<typeof openGraph>[2];
  beforeAll(async () => {
    bundle = await loadBundle(TINY_BUNDLE);
    options = { executionProvider: 'cpu', threads: 1, folder: bundle.dir };
  });

  it('opens when it has the signature that the manifest promises', async () => {
    const { decode } = bundle.manifest.graphs;
    const session = await openGraph(decode, bundle.files.get('decode.onnx')!, options);
    expect(session.inputNames).toEqual(['tokens']);
  });

  it('of another signature is refused, naming the file and each tensor that disagrees', async () => {
    const { embed } = bundle.manifest.graphs;
    const opening = openGraph({ ...embed, file: 'embed.onnx' }, bundle.files.get('decode.onnx')!, options);
    await expect(opening).rejects.toMatchObject({
      code: 'bundle_invalid',
      param: 'embed.onnx',
      message: expect.stringMatching(/^embed\.onnx disagrees with the manifest: it has an output pixels .*; its output vectors is missing; export/) as string,
    });
  });

  it('with a tensor of another type or size is refused, naming both', async () => {
    const { decode } = bundle.manifest.graphs;
    const promised = { ...decode, inputs: [{ name: 'tokens', type: 'float32' as const, shape: ['rows', 17] }] };
    await expect(openGraph(promised, bundle.files.get('decode.onnx')!, options)).rejects.toThrow(
      /its input tokens is int32 \[rows, 16\], the manifest promises float32 \[rows, 17\]/,
    );
  });

  it('that is no ONNX graph is refused by name', async () => {
    const { decode } = bundle.manifest.graphs;
    await expect(openGraph(decode, Buffer.from('not a graph'), options)).rejects.toMatchObject({
      code: 'bundle_invalid',
      param: 'decode.onnx',
      message: expect.stringContaining('cannot be opened by ONNX Runtime') as string,
    });
  });

  it('on a provider that this machine does not have is refused, naming the setting and the way out', async () => {
    const { decode } = bundle.manifest.graphs;
    const opening = openGraph(decode, bundle.files.get('decode.onnx')!, { executionProvider: 'rocm' as 'cuda', threads: 1 });
    await expect(opening).rejects.toMatchObject({
      code: 'configuration_invalid',
      param: 'EXECUTION_PROVIDER',
      message: expect.stringMatching(/execution provider rocm is not in this build.*cpu, webgpu.*; use cpu, or install/) as string,
    });
  });
});
