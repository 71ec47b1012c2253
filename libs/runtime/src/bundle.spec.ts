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
    expect([...files.keys()]).toEqual(manifest.files.map(({ path }) => path));
    expect(Buffer.compare(files.get('full.onnx')!, await copy.read('full.onnx'))).toBe(0);
    expect(digest).toBe(createHash('sha256').update(await copy.read('manifest.json')).digest('hex'));
  });

  it('leaves what is too large to hold on the disk, and checks it all the same', async () => {
    await using copy = await BundleCopy.make();
    const weights = await copy.read('weights.bin');
    const { files } = await loadBundle(copy.dir, weights.length - 1);
    expect([files.has('weights.bin'), files.has('full.onnx')]).toEqual([false, true]);
    await copy.write('weights.bin', weights.subarray(1));
    await expect(loadBundle(copy.dir, 1e6)).rejects.toEqual(refusal('weights.bin', /has \d+ bytes, the manifest promises/));
    weights[70_000]! ^= 1;
    await copy.write('weights.bin', weights);
    await expect(loadBundle(copy.dir, 1e6)).rejects.toEqual(refusal('weights.bin', /was altered/));
    await copy.remove('weights.bin');
    await expect(loadBundle(copy.dir, 1e6)).rejects.toEqual(refusal('weights.bin', /is missing/));
  });

  it.each(['full.onnx', 'tokenizer.json', 'samples.png', 'manifest.json'])('without its %s is refused by name', async (path) => {
    await using copy = await BundleCopy.make();
    await copy.remove(path);
    await expect(loadBundle(copy.dir)).rejects.toEqual(refusal(path, /is missing in .*; fetch or export the bundle again/));
  });

  it('with a truncated file is refused by name', async () => {
    await using copy = await BundleCopy.make();
    await copy.write('shortcut.onnx', (await copy.read('shortcut.onnx')).subarray(0, 1000));
    await expect(loadBundle(copy.dir)).rejects.toEqual(refusal('shortcut.onnx', /^shortcut\.onnx has 1000 bytes, the manifest promises \d+; /));
  });

  it('with one altered bit is refused by name', async () => {
    await using copy = await BundleCopy.make();
    const bytes = await copy.read('decode.onnx');
    bytes[5000]! ^= 1;
    await copy.write('decode.onnx', bytes);
    await expect(loadBundle(copy.dir)).rejects.toEqual(refusal('decode.onnx', /was altered: its sha256 is not the one in the manifest/));
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
