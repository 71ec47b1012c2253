import { Module, type DynamicModule } from '@nestjs/common';
import type { GatewayMetrics } from '@slipstream/metrics';
import { GenerationQueue, QualityBoard } from '@slipstream/queue';
import { Health, HealthController, type Logger } from '@slipstream/server-kit';
import { UrlSigner, type ObjectStore } from '@slipstream/storage';
import { Entrance } from './admission/entrance.js';
import { GATEWAY_CONFIG, type GatewayConfig } from './configuration.js';
import { AcceptanceLog, LOGGER, METRICS } from './generations/acceptance-log.js';
import { Choices } from './generations/choices.js';
import { GenerationView } from './generations/generation-view.js';
import { GenerationsController } from './generations/generations.controller.js';
import { Generations } from './generations/generations.js';
import { HomeController } from './home.controller.js';
import { ImagesController } from './images/images.controller.js';
import { Images } from './images/images.js';
import { WaitingRoom } from './images/waiting-room.js';
import { Catalogue } from './models/catalogue.js';
import { ModelsController } from './models/models.controller.js';
import { PicturesController } from './pictures/pictures.controller.js';
import { OBJECT_STORE, Pictures } from './pictures/pictures.js';
import { ReferenceController } from './reference/reference.controller.js';

/** What the gateway is built on; opened and closed by `openGateway`. */
export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly catalogue: Catalogue;
  readonly queue: GenerationQueue;
  readonly board: QualityBoard;
  readonly store: ObjectStore;
  readonly signer: UrlSigner;
  readonly health: Health;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/** The HTTP door, wired. */
@Module({})
export class GatewayModule {
  static of({ config, catalogue, queue, board, store, signer, health, metrics, logger }: GatewayParts): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [HomeController, ImagesController, GenerationsController, ModelsController, PicturesController, ReferenceController, HealthController],
      providers: [
        { provide: GATEWAY_CONFIG, useValue: config },
        { provide: Catalogue, useValue: catalogue },
        { provide: GenerationQueue, useValue: queue },
        { provide: QualityBoard, useValue: board },
        { provide: OBJECT_STORE, useValue: store },
        { provide: UrlSigner, useValue: signer },
        { provide: Health, useValue: health },
        { provide: METRICS, useValue: metrics },
        { provide: LOGGER, useValue: logger },
        ...[AcceptanceLog, Choices, Entrance, Generations, GenerationView, Images, Pictures, WaitingRoom],
      ],
    };
  }
}
