import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { loadBundle } from './bundle.js';
import { BundleCopy, TINY_BUNDLE } from './testing/bundle-copy.js';

const refusal = (param: string, message: RegExp): unknown =>
  expect.objectContaining({ code: 'bundle_invalid', param, message: expect.stringMatching(message) as string });

describe('a bundle', () => {
  it('is loaded whole and known by the digest of its manifest', async () => {
    await using copy = await BundleCopy.make();
    const { manifest, digest, files } = await loadBundle(copy.dir);
    expect([...files.keys()]).toEqual(manifest.files.map(({ path }) => path).filter((path) => path !== manifest.weights));
    expect(Buffer.compare(files.get('full.onnx')!, await copy.read('full.onnx'))).toBe(0);
    expect(digest).toBe(createHash('sha256').update(await copy.read('manifest.json')).digest('hex'));
  });

  it.each(['full.onnx', 'weights.bin', 'tokenizer.json', 'samples.png', 'manifest.json'])('without its %s is refused by name', async (path) => {
    await using copy = await BundleCopy.make();
    await copy.remove(path);
    await expect(loadBundle(copy.dir)).rejects.toEqual(refusal(path, /is missing in .*; fetch or export the bundle again/));
  });

  it.each(['shortcut.onnx', 'weights.bin'])('with %s truncated is refused by name', async (path) => {
    await using copy = await BundleCopy.make();
    await copy.write(path, (await copy.read(path)).subarray(0, 1000));
    await expect(loadBundle(copy.dir)).rejects.toEqual(refusal(path, /^[a-z]+\.[a-z]+ has 1000 bytes, the manifest promises \d+; /));
  });

  it.each(['decode.onnx', 'weights.bin'])('with one altered bit in %s is refused by name', async (path) => {
    await using copy = await BundleCopy.make();
    const bytes = await copy.read(path);
    bytes[5000]! ^= 1;
    await copy.write(path, bytes);
    await expect(loadBundle(copy.dir)).rejects.toEqual(refusal(path, /was altered: its sha256 is not the one in the manifest/));
  });

  it('with a directory where a file should be is refused by name', async () => {
    await using copy = await BundleCopy.make();
    await copy.changeManifest((manifest) => void (manifest.files[0]!.path = '.'));
    await expect(loadBundle(copy.dir)).rejects.toMatchObject({ code: 'bundle_invalid' });
  });

  it('whose manifest is not JSON is refused', async () => {
    await using copy = await BundleCopy.make();
    await copy.write('manifest.json', '{"format": ');
    await expect(loadBundle(copy.dir)).rejects.toEqual(refusal('manifest.json', /not JSON/));
  });

  it('that is nowhere is refused with the folder and the setting to change', async () => {
    await expect(loadBundle(`${TINY_BUNDLE}-nowhere`)).rejects.toEqual(refusal('manifest.json', /tiny-nowhere; .*set BUNDLE/));
  });
});
