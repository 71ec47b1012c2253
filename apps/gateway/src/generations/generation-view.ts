import { Inject, Injectable } from '@nestjs/common';
import type { GenerationObject, GenerationRecord } from '@slipstream/contracts';
import { Catalogue } from '../models/catalogue.js';
import { Pictures, type ResponseFormat } from '../pictures/pictures.js';
import { generationObject } from './generation-object.js';

/** Shows a record to a client: with fresh URLs, or the bytes, once there are pictures. */
@Injectable()
export class GenerationView {
  constructor(
    @Inject(Catalogue) private readonly catalogue: Catalogue,
    @Inject(Pictures) private readonly pictures: Pictures,
  ) {}

  async show(record: GenerationRecord, format: ResponseFormat = 'url'): Promise<GenerationObject> {
    const data = record.status === 'completed' ? await this.pictures.data(record.pictures, format) : null;
    return generationObject(record, { manifest: this.catalogue.manifest, data });
  }
}

/** Where a generation is followed; the link keeps the wish for inline pictures, which the job does not carry. */
export function locationOf(id: string, format: ResponseFormat): string {
  return `/v1/generations/${id}${format === 'b64_json' ? '?response_format=b64_json' : ''}`;
}
