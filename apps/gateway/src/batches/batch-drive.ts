import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { fileKey, hasEnded, SlipstreamError, type BatchEnd, type BatchFault } from '@slipstream/contracts';
import type { BatchLease } from '@slipstream/queue';
import type { ObjectStore } from '@slipstream/storage';
import { GATEWAY_CONFIG, type GatewayConfig } from '../configuration.js';
import { slicesOf } from '../files/slices.js';
import { OBJECT_STORE } from '../pictures/pictures.js';
import { BatchResults } from './batch-results.js';
import { checkInput } from './check-input.js';
import type { Course } from './course.js';
import { inOrder } from './in-order.js';
import { LineRunner } from './line-runner.js';
import { linesOf, type Line } from './lines.js';

/** Lines of one batch that are in the making at a time, and their characters: enough for a fleet, little for a gateway. */
const window = { most: 256, size: ({ text }: Line) => text?.length ?? 0, mostSize: 4_194_304 };
/** Results are kept so often at most: a part each. */
const keepEveryMs = 200;

/** Brings a batch from wherever it is to its end. All that it knows of the way is in the lease; whoever takes that next goes on. */
@Injectable()
export class BatchDrive {
  constructor(
    @Inject(OBJECT_STORE) private readonly store: ObjectStore,
    @Inject(GATEWAY_CONFIG) private readonly config: Pick<GatewayConfig, 'BODY_LIMIT_BYTES'>,
    @Inject(LineRunner) private readonly runner: LineRunner,
    @Inject(BatchResults) private readonly results: BatchResults,
  ) {}

  /** @throws LeaseLost, the reason of `course.leaving`, SlipstreamError of a store or a queue that does not answer */
  async run(lease: BatchLease, course: Course): Promise<void> {
    const { status, ending } = lease.batch;
    if (!hasEnded(status)) await (status === 'finalizing' ? this.#end(lease, ending ?? 'completed') : this.#make(lease, course));
    await this.results.deleteParts(lease);
    await lease.close();
  }

  async #make(lease: BatchLease, course: Course): Promise<void> {
    try {
      if (lease.batch.status === 'validating' && !(await this.#check(lease, course))) return;
      if (lease.batch.status === 'cancelling' && lease.batch.counts.total === 0) return await lease.end('cancelled');
      await this.#makeLines(lease, course);
    } catch (error) {
      if (!(error instanceof SlipstreamError && error.code === 'file_not_found')) throw error;
      const fault: BatchFault = { code: 'file_not_found', line: null, message: 'The input file is gone.', param: 'input_file_id' };
      return this.#end(lease, 'failed', [fault]);
    }
    await this.#end(lease, course.stopped ?? 'completed');
  }

  /** Whether there are lines to make. */
  async #check(lease: BatchLease, course: Course): Promise<boolean> {
    const found = await checkInput(this.#lines(lease, { from: { lines: 0, bytes: 0 }, course }), lease.batch.endpoint);
    if ('faults' in found) {
      await lease.end('failed', { faults: JSON.stringify(found.faults) });
      return false;
    }
    const status = await lease.advance('validating', 'in_progress', { total: found.total });
    if (status === 'cancelling') await lease.end('cancelled');
    return status === 'in_progress';
  }

  async #makeLines(lease: BatchLease, course: Course): Promise<void> {
    const stop = (): void => void this.runner.cancel(course).catch(() => {}); // what it did not reach runs to its end
    course.stopping.addEventListener('abort', stop, { once: true });
    let done = lease.batch.done;
    for await (const outcomes of inOrder(this.#lines(lease, { from: done, course }), (line) => this.runner.run(line, course), window)) {
      done = await this.results.keep(outcomes, lease, done);
      await pause(keepEveryMs, undefined, { signal: course.leaving });
    }
  }

  async #end(lease: BatchLease, end: BatchEnd, faults?: readonly BatchFault[]): Promise<void> {
    const status = await lease.advance('in_progress', 'finalizing', { ending: end });
    const files = await this.results.finish(lease);
    await lease.end(status === 'cancelling' ? 'cancelled' : end, { ...files, ...(faults && { faults: JSON.stringify(faults) }) });
  }

  async *#lines({ batch }: BatchLease, { from, course }: { from: { lines: number; bytes: number }; course: Course }): AsyncGenerator<Line> {
    const slices = slicesOf(this.store, fileKey(batch.inputFile), from.bytes);
    for await (const line of linesOf(slices, { from, mostBytes: this.config.BODY_LIMIT_BYTES })) {
      course.leaving.throwIfAborted();
      yield line;
    }
  }
}
