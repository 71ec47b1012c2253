import { describe, expect, it } from 'vitest';
import { graphFiles, isLarge, loadBundle } from './bundle.js';
import { GraphSessions } from './graph-sessions.js';
import { BundleCopy, TINY_BUNDLE } from './testing/bundle-copy.js';

const options = { executionProvider: 'cpu', threads: 1, lean: true } as const;

describe('the graphs of a bundle', () => {
  it('are opened once each, when they are first asked for', async () => {
    const bundle = await loadBundle(TINY_BUNDLE);
    const spoilt = { ...graphFiles(bundle).graphs, tail: Buffer.from('not a graph') };
    const sessions = new GraphSessions(bundle.manifest, { graphs: spoilt, folder: bundle.dir }, options);
    const [full, again] = await Promise.all([sessions.get('full'), sessions.get('full')]);
    expect(again).toBe(full);
    await expect(sessions.get('tail')).rejects.toMatchObject({ code: 'bundle_invalid', param: 'tail.onnx' });
    await sessions.release(); // that one never opened is nobody's trouble any more
  });

  it('read the weights that lie in the folder, which a bundle does not hold in memory', async () => {
    await using copy = await BundleCopy.make();
    const bundle = await loadBundle(copy.dir);
    expect(bundle.files.has(bundle.manifest.weights)).toBe(false);
    await copy.remove(bundle.manifest.weights);
    const sessions = new GraphSessions(bundle.manifest, graphFiles(bundle), options);
    await expect(sessions.get('full')).rejects.toMatchObject({ code: 'bundle_invalid', param: 'full.onnx' });
  });

  it('are opened late where the weights are large', async () => {
    const { manifest } = await loadBundle(TINY_BUNDLE);
    const heavy = { ...manifest, files: manifest.files.map((file) => (file.path === manifest.weights ? { ...file, bytes: 2 ** 30 } : file)) };
    expect([isLarge(manifest), isLarge(heavy)]).toEqual([false, true]);
  });
});
