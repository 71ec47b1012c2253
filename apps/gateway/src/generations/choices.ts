import { Inject, Injectable } from '@nestjs/common';
import { resolveRequest, saferSampling, samplingOf, type GenerationRequest, type GenerationSettings } from '@slipstream/contracts';
import { QualityBoard } from '@slipstream/queue';
import { Catalogue } from '../models/catalogue.js';

/** Makes every choice of a request: its own, then the bundle's, then the fleet's where audits found what was asked for wanting. */
@Injectable()
export class Choices {
  constructor(
    @Inject(Catalogue) private readonly catalogue: Pick<Catalogue, 'manifest' | 'checkPrompt'>,
    @Inject(QualityBoard) private readonly board: Pick<QualityBoard, 'fallbackOf'>,
  ) {}

  /** @throws SlipstreamError `invalid_request`, `model_not_found` */
  settle(request: GenerationRequest): GenerationSettings {
    const { manifest } = this.catalogue;
    const settings = resolveRequest(request, manifest);
    this.catalogue.checkPrompt(request.prompt);
    const from = samplingOf(settings);
    const fallback = this.board.fallbackOf(from);
    if (!fallback) return settings;
    const { level, reason } = fallback;
    return { ...settings, ...saferSampling(from, level, manifest.sampling), fallback: { from, level, reason } };
  }
}
