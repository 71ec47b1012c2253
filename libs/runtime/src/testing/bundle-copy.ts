import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BundleManifest } from '@slipstream/contracts';

/** The small bundle that ships with the tests. */
export const TINY_BUNDLE = fileURLToPath(new URL('../../../../tests/bundles/tiny', import.meta.url));

/** A copy of the tiny bundle to spoil. */
export class BundleCopy implements AsyncDisposable {
  private constructor(readonly dir: string) {}

  static async make(): Promise<BundleCopy> {
    const dir = await mkdtemp(join(tmpdir(), 'slipstream-bundle-'));
    await cp(TINY_BUNDLE, dir, { recursive: true });
    return new BundleCopy(dir);
  }

  read(path: string): Promise<Buffer> {
    return readFile(join(this.dir, path));
  }

  remove(path: string): Promise<void> {
    return rm(join(this.dir, path));
  }

  /** Writes a file as somebody would who does not know of the manifest. */
  write(path: string, contents: Uint8Array | string): Promise<void> {
    return writeFile(join(this.dir, path), contents);
  }

  /** Writes a file and its digest: a bundle that was exported so. */
  async replace(path: string, contents: Uint8Array | string): Promise<void> {
    await this.write(path, contents);
    const bytes = Buffer.from(contents);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await this.changeManifest((manifest) => {
      manifest.files = manifest.files.map((file) => (file.path === path ? { path, bytes: bytes.length, sha256 } : file));
    });
  }

  async changeManifest(change: (manifest: BundleManifest) => void): Promise<void> {
    const manifest = JSON.parse((await this.read('manifest.json')).toString('utf8')) as BundleManifest;
    change(manifest);
    await this.write('manifest.json', JSON.stringify(manifest));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }
}
