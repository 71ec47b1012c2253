import { Inject, Injectable } from '@nestjs/common';
import { fileKey, SlipstreamError } from '@slipstream/contracts';
import { FileBook } from '@slipstream/queue';
import type { Logger } from '@slipstream/server-kit';
import type { ObjectStore } from '@slipstream/storage';
import { LOGGER } from '../generations/acceptance-log.js';
import { OBJECT_STORE } from '../pictures/pictures.js';

const intervalMs = 5_000;
const mostAtOnce = 100;

/** Deletes files whose time is up. Every gateway does; each file is one gateway's at a time. */
@Injectable()
export class FileSweep {
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(FileBook) private readonly book: Pick<FileBook, 'takeExpired' | 'drop'>,
    @Inject(OBJECT_STORE) private readonly store: Pick<ObjectStore, 'delete'>,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  start(): void {
    this.#timer ??= setInterval(() => void this.#quietly(), intervalMs).unref();
    void this.#quietly();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** All that is due now; how many. */
  async sweep(): Promise<number> {
    const due = await this.book.takeExpired(mostAtOnce);
    for (const file of due) {
      await this.store.delete(fileKey(file.id));
      await this.book.drop(file);
    }
    return due.length < mostAtOnce ? due.length : due.length + (await this.sweep());
  }

  async #quietly(): Promise<void> {
    await this.sweep().catch((error: unknown) => {
      const { code, message } = SlipstreamError.from(error);
      if (code !== 'queue_unavailable') this.logger.warn({ code }, message); // the queue's own link tells of Redis
    });
  }
}
