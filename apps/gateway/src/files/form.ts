import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyFileStream, type BusboyHeaders } from '@fastify/busboy';
import { SlipstreamError } from '@slipstream/contracts';

/** A form that was read: its fields by name, and the file with what became of it. */
export interface Form<T> {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: { readonly filename: string; readonly kept: T } | undefined;
}

export interface FormRules<T> {
  readonly headers: IncomingHttpHeaders;
  /** Largest size of the file. */
  readonly limitBytes: number;
  /** Takes the bytes of the part `file` as they come; the source throws where they are too many, or the client hangs up. */
  keep(source: AsyncIterable<Uint8Array>): Promise<T>;
}

/** Of a form's fields and the lines between; what is beyond the file and this cannot be a file within the limit. */
const slackBytes = 65_536;

/**
 * Reads `multipart/form-data` as it arrives, whichever order its parts have; never all of it in memory.
 * @throws SlipstreamError `body_too_large`, `invalid_request`, and what `keep` throws
 */
export async function readForm<T>(body: Readable, { headers, limitBytes, keep }: FormRules<T>): Promise<Form<T>> {
  if (Number(headers['content-length'] ?? 0) > limitBytes + slackBytes) throw tooLarge(limitBytes);
  const form = openForm(headers, limitBytes);
  const fields: Record<string, string> = Object.create(null);
  const part: { stream?: BusboyFileStream; file?: Promise<Form<T>['file']> } = {};
  try {
    await new Promise<void>((resolve, reject) => {
      form.once('finish', resolve).on('error', reject); // a form that ends early has more than one fault
      form.on('field', (name, value) => void (fields[name] = value));
      form.on('file', (name, stream, filename) => {
        if (name !== 'file' || part.stream) return void stream.resume();
        part.stream = stream.on('error', reject);
        part.file = keep(within(stream, limitBytes)).then((kept) => ({ filename: filename ?? '', kept }));
        part.file.catch(reject);
      });
      body.on('error', reject).pipe(form);
    });
    return { fields, file: await part.file };
  } catch (error) {
    body.unpipe(form).resume(); // the answer goes out now, and the rest of the request to nowhere
    part.stream?.destroy(new Error('cut off'));
    await part.file?.catch(() => {});
    throw malformed(error);
  }
}

function openForm(headers: IncomingHttpHeaders, limitBytes: number): InstanceType<typeof Busboy> {
  try {
    return new Busboy({ headers: headers as BusboyHeaders, limits: { fileSize: limitBytes, files: 2, fields: 16, fieldSize: 1_024, fieldNameSize: 100, parts: 20, headerPairs: 32 } });
  } catch (error) {
    throw malformed(error);
  }
}

async function* within(stream: BusboyFileStream, limitBytes: number): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    throw malformed(error);
  }
  if (stream.truncated) throw tooLarge(limitBytes);
}

const tooLarge = (limitBytes: number): SlipstreamError =>
  new SlipstreamError('body_too_large', `the file is larger than ${limitBytes} bytes`, { param: 'file', remedy: 'send it as several files, or raise FILE_LIMIT_BYTES on the server' });

function malformed(error: unknown): SlipstreamError {
  if (error instanceof SlipstreamError) return error;
  return new SlipstreamError('invalid_request', 'the form ends early or is not multipart/form-data', { param: 'file', remedy: 'send the parts "purpose" and "file"', cause: error });
}
