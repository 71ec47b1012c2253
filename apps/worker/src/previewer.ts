import { encodePicture } from '@slipstream/pictures';
import type { SamplePreview } from '@slipstream/runtime';
import type { Part } from './sample.js';

/** Shows what becomes of one picture, as files of its format, one after the other; one that comes too fast is left out. */
export class Previewer {
  #showing: Promise<void> | undefined;
  #next: SamplePreview | undefined;

  constructor(private readonly part: Pick<Part, 'job' | 'index' | 'context'>) {}

  readonly show = (preview: SamplePreview): void => {
    this.#next = preview;
    this.#showing ??= this.#showAll().finally(() => (this.#showing = undefined));
  };

  /** Resolves when the last one is shown. */
  async shown(): Promise<void> {
    await this.#showing;
  }

  async #showAll(): Promise<void> {
    const { job: { settings: { outputFormat: format, outputCompression: compression, background } }, index, context } = this.part;
    for (let preview = this.#take(); preview; preview = this.#take()) {
      const bytes = await encodePicture(preview, { format, background, compression });
      await context.preview(index, { step: preview.step, masked: preview.masked, bytes });
    }
  }

  #take(): SamplePreview | undefined {
    const preview = this.#next;
    this.#next = undefined;
    return preview;
  }
}
