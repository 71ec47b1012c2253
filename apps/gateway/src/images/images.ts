import { Inject, Injectable } from '@nestjs/common';
import type { GenerationObject, ImagesAnswer } from '@slipstream/contracts';
import { GenerationView } from '../generations/generation-view.js';
import type { Accepted } from '../generations/generations.js';
import { Catalogue } from '../models/catalogue.js';
import { Pictures } from '../pictures/pictures.js';
import { checkCompleted, imagesAnswer } from './images-answer.js';
import type { Patience } from '../waiting/patience.js';
import { WaitingRoom } from '../waiting/waiting-room.js';

/** What a client that was willing to wait is given: its pictures, or the job that will have them. */
export type Outcome = { readonly pictures: ImagesAnswer } | { readonly job: GenerationObject };

/** Waits for an accepted generation and dresses what comes of it. */
@Injectable()
export class Images {
  constructor(
    @Inject(WaitingRoom) private readonly room: WaitingRoom,
    @Inject(GenerationView) private readonly view: GenerationView,
    @Inject(Pictures) private readonly pictures: Pictures,
    @Inject(Catalogue) private readonly catalogue: Catalogue,
  ) {}

  /** @throws SlipstreamError what ended the generation without pictures */
  async outcome({ request, record: accepted }: Accepted, patience: Patience): Promise<Outcome> {
    const record = await this.room.settled(accepted.id, patience);
    if (!record) return { job: await this.view.show(accepted) };
    checkCompleted(record);
    const data = await this.pictures.data(record.pictures, request.response_format);
    return { pictures: imagesAnswer(record, { request, data, manifest: this.catalogue.manifest }) };
  }
}
