import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest, SlipstreamError, type BundleManifest } from '@slipstream/contracts';

/** The models that this service offers: for now the one bundle it is configured with. Reads only its manifest. */
export class Catalogue {
  readonly manifest: BundleManifest;
  /** sha256 of the bytes of manifest.json, hex. */
  readonly digest: string;

  constructor({ manifest, digest }: Pick<Catalogue, 'manifest' | 'digest'>) {
    this.manifest = manifest;
    this.digest = digest;
  }

  /** @throws SlipstreamError `bundle_invalid` that names the folder of BUNDLE and what is wrong with it. */
  static async open(folder: string): Promise<Catalogue> {
    const bytes = await readFile(join(folder, 'manifest.json')).catch((cause: NodeJS.ErrnoException) => {
      throw new SlipstreamError('bundle_invalid', `BUNDLE ${folder} holds no readable manifest.json (${cause.code})`, {
        param: 'BUNDLE',
        remedy: 'set BUNDLE to the folder of a bundle, as in bundles/emoji',
        cause,
      });
    });
    return new Catalogue({ manifest: manifestIn(folder, bytes), digest: createHash('sha256').update(bytes).digest('hex') });
  }

  /** @throws SlipstreamError `model_not_found` */
  model(id: string): BundleManifest {
    if (id === this.manifest.name) return this.manifest;
    throw new SlipstreamError('model_not_found', `model ${JSON.stringify(id.slice(0, 64))} is not served here`, {
      param: 'model',
      remedy: `use ${JSON.stringify(this.manifest.name)}; GET /v1/models lists what is served`,
    });
  }
}

function manifestIn(folder: string, bytes: Buffer): BundleManifest {
  try {
    return parseManifest(bytes.toString('utf8'));
  } catch (cause) {
    throw new SlipstreamError('bundle_invalid', `BUNDLE ${folder}: ${(cause as Error).message}`, { param: 'BUNDLE', cause });
  }
}
