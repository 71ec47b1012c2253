import { appendFile, mkdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipstreamError } from '@slipstream/contracts';
import { z } from 'zod';
import { writeWhole } from '../write-whole.js';

const line = z.object({ subject: z.int().nonnegative(), tokens: z.array(z.int().nonnegative()), fullSteps: z.int(), shortcutSteps: z.int(), partialSteps: z.int() });

/** A picture that was made, by the number of its subject. */
export type LoggedPicture = z.infer<typeof line>;

/**
 * The pictures of an evaluation, a file of JSON lines for each arm: what was made is kept, so a killed evaluation goes on
 * and counts nothing twice. A folder belongs to one configuration.
 */
export class PictureLog {
  private constructor(private readonly folder: string) {}

  /** Throws `invalid_request` naming --out when the folder holds another evaluation. */
  static async open(folder: string, configuration: unknown): Promise<PictureLog> {
    const [path, text] = [join(folder, 'configuration.json'), `${JSON.stringify(configuration, null, 2)}\n`];
    await mkdir(join(folder, 'pictures'), { recursive: true });
    const known = await readFile(path, 'utf8').catch(() => undefined);
    if (known === undefined) await writeWhole(path, text);
    else if (known !== text) throw new SlipstreamError('invalid_request', `--out ${folder} holds another evaluation`, { param: '--out', remedy: 'name another folder, or remove this one' });
    return new PictureLog(folder);
  }

  /** Pictures made so far, each subject once. A last line that a kill cut short is dropped from the file. */
  async read(arm: string): Promise<Map<number, LoggedPicture>> {
    const text = await readFile(this.path(arm), 'utf8').catch(() => '');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) await truncate(this.path(arm), Buffer.byteLength(whole));
    const pictures = whole.split('\n').filter((each) => each !== '').map((each) => line.parse(JSON.parse(each)));
    return new Map(pictures.map((picture) => [picture.subject, picture]));
  }

  async add(arm: string, picture: LoggedPicture): Promise<void> {
    await appendFile(this.path(arm), `${JSON.stringify(picture)}\n`);
  }

  private path(arm: string): string {
    return join(this.folder, 'pictures', `${arm}.jsonl`);
  }
}
