import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseManifest, SlipstreamError, type BundleManifest } from '@slipstream/contracts';
import { PromptTokenizer } from '@slipstream/prompts';

/** The models that this service offers: for now the one bundle it is configured with. Reads its manifest, and its tokenizer where prompts have to fit. */
export class Catalogue {
  readonly manifest: BundleManifest;
  /** sha256 of the bytes of manifest.json, hex. */
  readonly digest: string;
  readonly #tokenizer: PromptTokenizer | undefined;

  constructor({ manifest, digest, tokenizer }: Pick<Catalogue, 'manifest' | 'digest'> & { readonly tokenizer?: PromptTokenizer | undefined }) {
    this.manifest = manifest;
    this.digest = digest;
    this.#tokenizer = tokenizer;
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
    const manifest = manifestIn(folder, bytes);
    return new Catalogue({ manifest, digest: createHash('sha256').update(bytes).digest('hex'), tokenizer: await tokenizerIn(folder, manifest) });
  }

  /** Refuses a prompt that the model cannot read; without its tokenizer only workers can tell. @throws SlipstreamError `invalid_request` */
  checkPrompt(prompt: string): void {
    this.#tokenizer?.refuseTooLong(prompt);
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

/** Of a bundle whose prompts have to fit. Undefined where its file is not there: an image of the gateway may hold the manifest alone. */
async function tokenizerIn(folder: string, { prompt }: BundleManifest): Promise<PromptTokenizer | undefined> {
  if (!('template' in prompt) || !prompt.template) return undefined;
  const bytes = await readFile(join(folder, prompt.tokenizer)).catch(() => undefined);
  return bytes && PromptTokenizer.of({ manifest: { prompt }, files: new Map([[prompt.tokenizer, bytes]]) });
}

function manifestIn(folder: string, bytes: Buffer): BundleManifest {
  try {
    return parseManifest(bytes.toString('utf8'));
  } catch (cause) {
    throw new SlipstreamError('bundle_invalid', `BUNDLE ${folder}: ${(cause as Error).message}`, { param: 'BUNDLE', cause });
  }
}
