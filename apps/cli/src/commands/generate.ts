import { createHash } from 'node:crypto';
import { extname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { pictureText, SlipstreamError, type GenerationSettings, type Provenance } from '@slipstream/contracts';
import { encodePicture, type PictureFormat } from '@slipstream/pictures';
import type { Engine, SampleResult } from '@slipstream/runtime';
import type { CliContext } from '../cli-context.js';
import { addEngineOptions, number, withEngine, type EngineOptions } from '../engine-options.js';
import { addSamplingOptions, resolveSettings, type SamplingOptions } from '../sampling-options.js';
import { checkWritableFile, writeWhole } from '../write-whole.js';

interface GenerateOptions extends EngineOptions, SamplingOptions {
  readonly seed?: number;
  readonly out: string;
  readonly background: 'auto' | 'transparent' | 'opaque';
  readonly json?: boolean;
}

/** `slipstream generate`: one picture, made in this process. */
export function generateCommand(context: CliContext): Command {
  const command = new Command('generate')
    .description('make a picture in this process, without Redis; the pixels are those the service would make')
    .argument('<prompt>', 'what to show, as in "slice of pizza"')
    .option('--seed <number>', 'same seed, same picture (default: a random one)', number)
    .option('--out <file>', 'where to write it: .png, .jpg or .webp', 'picture.png')
    .addOption(new Option('--background <kind>').choices(['auto', 'transparent', 'opaque']).default('auto'))
    .option('--json', 'print how it was made as JSON')
    .action((prompt: string, options: GenerateOptions) => generate(context, prompt, options));
  return addEngineOptions(addSamplingOptions(command));
}

async function generate(context: CliContext, prompt: string, options: GenerateOptions): Promise<void> {
  const out = resolve(options.out);
  const format = formatOf(out);
  await checkWritableFile(out);
  await withEngine(context, { ...options, capacity: 1 }, async (engine) => {
    const request = { prompt, seed: options.seed, output_format: format, background: options.background };
    const settings = resolveSettings(engine, request, options);
    const result = await engine.submit(settings, { signal: context.signal });
    const slipstream = provenanceOf(engine, settings, result);
    const text = pictureText(settings, { ...result, bundle: engine.digest, seed: settings.seed });
    const picture = await encodePicture(result, { ...encoding(settings), text });
    await writeWhole(out, picture);
    context.out(options.json ? asJson({ out, picture, slipstream }) : asText({ out, slipstream }));
  });
}

const formats: Record<string, PictureFormat> = { '.png': 'png', '.jpg': 'jpeg', '.jpeg': 'jpeg', '.webp': 'webp' };

function formatOf(path: string): PictureFormat {
  const format = formats[extname(path).toLowerCase()];
  if (format !== undefined) return format;
  const remedy = `use one of ${Object.keys(formats).join(', ')}`;
  throw new SlipstreamError('invalid_request', `--out ${path} has no ending of a picture format`, {
    param: '--out',
    remedy,
  });
}

const encoding = ({ outputFormat, outputCompression, background }: GenerationSettings) => ({
  format: outputFormat,
  compression: outputCompression,
  background,
});

function provenanceOf(engine: Engine, settings: GenerationSettings, result: SampleResult): Provenance {
  return {
    bundle: engine.digest,
    seed: settings.seed,
    strategy: settings.strategy,
    steps: settings.steps,
    step_map: result.stepMap,
    full_steps: result.fullSteps,
    shortcut_steps: result.shortcutSteps,
    partial_steps: result.partialSteps,
    cache: { anchors: result.remembered, result: 'off' },
    seconds: { queued: result.seconds.waiting, engine: result.seconds.engine },
    speedup: result.speedup,
  };
}

function asJson({ out, picture, slipstream }: { out: string; picture: Uint8Array; slipstream: Provenance }): string {
  const sha256 = createHash('sha256').update(picture).digest('hex');
  return JSON.stringify({ out, bytes: picture.length, sha256, slipstream }, null, 2);
}

function asText({ out, slipstream }: { out: string; slipstream: Provenance }): string {
  const { seed, full_steps: full, shortcut_steps: shortcut, partial_steps: partial, seconds, speedup } = slipstream;
  const steps = `${full} full + ${partial > 0 ? `${partial} partial + ` : ''}${shortcut} shortcut steps`;
  return `${out} (seed ${seed}, ${steps}, ${seconds.engine.toFixed(2)} s; speed-up ${speedup.value.toFixed(1)} over ${speedup.baseline})`;
}
