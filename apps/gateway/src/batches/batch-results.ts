import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { fileKey, type BatchRecord } from '@slipstream/contracts';
import { FileBook, type BatchLease } from '@slipstream/queue';
import type { ObjectStore } from '@slipstream/storage';
import { slicesOf } from '../files/slices.js';
import { OBJECT_STORE } from '../pictures/pictures.js';
import { LineAnswers } from './line-answers.js';
import type { Outcome } from './line-runner.js';
import { Part } from './part.js';

const mostPartBytes = 4_194_304;
const jsonLines = { contentType: 'application/jsonl' };

/** Results of batches on their way: kept in parts while there are more to come, then put together into the files that the tenant gets. */
@Injectable()
export class BatchResults {
  constructor(
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    @Inject(FileBook) private readonly files: FileBook,
    @Inject(LineAnswers) private readonly answers: LineAnswers,
  ) {}

  /** Keeps what came of the lines after `from`; the lines and bytes that are done then. */
  async keep(outcomes: readonly Outcome[], lease: BatchLease, from: Part['from']): Promise<Part['from']> {
    let part = new Part(from);
    for (const outcome of outcomes) {
      part.add(outcome.line, await this.answers.of(outcome, lease.batch));
      if (part.size >= mostPartBytes) part = new Part(await this.#write(part, lease));
    }
    return part.size > 0 ? this.#write(part, lease) : part.from;
  }

  /** Puts the parts together; the fields that name the files. Done twice, it makes the same files. */
  async finish(lease: BatchLease): Promise<{ outputFile?: string; errorFile?: string }> {
    const [outputFile, errorFile] = [await this.#fileOf('output', lease), await this.#fileOf('error', lease)];
    return { ...(outputFile && { outputFile }), ...(errorFile && { errorFile }) };
  }

  async deleteParts(lease: BatchLease): Promise<void> {
    for await (const key of lease.keysOf('begun')) await this.store.delete(key);
  }

  async #write(part: Part, lease: BatchLease): Promise<Part['from']> {
    const keys = { output: undefined as string | undefined, error: undefined as string | undefined };
    for (const kind of ['output', 'error'] as const) {
      if (part[kind].length === 0) continue;
      const key = lease.newPartKey(`${part.lines}-${kind}.jsonl`);
      await lease.begin(key);
      await this.store.put(key, Buffer.from(part[kind].join('')), jsonLines);
      keys[kind] = key;
    }
    const { lines, bytes, tokens } = part;
    await lease.keep({ before: part.from.lines, lines, bytes, completed: part.output.length, failed: part.error.length, tokens, outputKey: keys.output, errorKey: keys.error });
    return { lines, bytes };
  }

  async #fileOf(kind: 'output' | 'error', lease: BatchLease): Promise<string | undefined> {
    const first = await lease.keysOf(kind).next();
    if (first.done) return undefined;
    const { id: batch, tenant, outputSeconds } = lease.batch;
    const id = fileIdOf(lease.batch, kind);
    const sizeBytes = await this.store.write(fileKey(id), this.#joined(kind, lease), jsonLines);
    const createdAtMs = Date.now();
    await this.files.add({ id, tenant, filename: `${batch}_${kind}.jsonl`, purpose: 'batch_output', sizeBytes, createdAtMs, expiresAtMs: createdAtMs + outputSeconds * 1000 });
    return id;
  }

  async *#joined(kind: 'output' | 'error', lease: BatchLease): AsyncGenerator<Uint8Array> {
    for await (const key of lease.keysOf(kind)) yield* slicesOf(this.store, key);
  }
}

const fileIdOf = ({ id }: BatchRecord, kind: string): string => `file-${createHash('sha256').update(`${id} ${kind}`).digest('hex').slice(0, 32)}`;
