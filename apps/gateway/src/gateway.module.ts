import { Module, type DynamicModule } from '@nestjs/common';
import type { GatewayMetrics } from '@slipstream/metrics';
import { BatchBook, DatasetBook, FileBook, FleetBoard, GenerationQueue, QualityBoard, StudyBook, WebhookBook } from '@slipstream/queue';
import { Health, HealthController, type Logger } from '@slipstream/server-kit';
import { UrlSigner, type ObjectStore } from '@slipstream/storage';
import { Entrance } from './admission/entrance.js';
import { BatchDrive } from './batches/batch-drive.js';
import { BatchDriver } from './batches/batch-driver.js';
import { BatchResults } from './batches/batch-results.js';
import { BatchesController } from './batches/batches.controller.js';
import { Batches } from './batches/batches.js';
import { LineAnswers } from './batches/line-answers.js';
import { LineRunner } from './batches/line-runner.js';
import { GATEWAY_CONFIG, type GatewayConfig } from './configuration.js';
import { DatasetView } from './datasets/dataset-view.js';
import { DatasetsController } from './datasets/datasets.controller.js';
import { Datasets } from './datasets/datasets.js';
import { FleetCosts } from './datasets/fleet-costs.js';
import { EventsController } from './events/events.controller.js';
import { GenerationEvents } from './events/generation-events.js';
import { OpenStreams } from './events/open-streams.js';
import { FilesController } from './files/files.controller.js';
import { Files } from './files/files.js';
import { FileSweep } from './files/file-sweep.js';
import { FleetController } from './fleet/fleet.controller.js';
import { AcceptanceLog, LOGGER, METRICS } from './generations/acceptance-log.js';
import { Choices } from './generations/choices.js';
import { GenerationView } from './generations/generation-view.js';
import { HistoryController } from './generations/history.controller.js';
import { History } from './generations/history.js';
import { GenerationsController } from './generations/generations.controller.js';
import { Generations } from './generations/generations.js';
import { HomeController } from './home.controller.js';
import { ImageStream } from './images/image-stream.js';
import { ImagesController } from './images/images.controller.js';
import { Images } from './images/images.js';
import { WaitingRoom } from './waiting/waiting-room.js';
import { Catalogue } from './models/catalogue.js';
import { ModelsController } from './models/models.controller.js';
import { PicturesController } from './pictures/pictures.controller.js';
import { OBJECT_STORE, Pictures } from './pictures/pictures.js';
import { ReferenceController } from './reference/reference.controller.js';
import { StudiesController } from './studies/studies.controller.js';
import { Studies } from './studies/studies.js';
import { StudyPictures } from './studies/study-pictures.js';
import { VotingBooth } from './studies/voting-booth.js';
import { CallGuard } from './webhooks/call-guard.js';
import { DeliveriesController } from './webhooks/deliveries.controller.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { Webhooks } from './webhooks/webhooks.js';

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
  readonly book: WebhookBook;
  readonly files: FileBook;
  readonly batches: BatchBook;
  readonly datasets: DatasetBook;
  readonly guard: CallGuard;
  readonly studies: StudyBook;
  readonly fleet: FleetBoard;
}

/** The HTTP door, wired. */
@Module({})
export class GatewayModule {
  static of({ config, catalogue, queue, board, store, signer, health, metrics, logger, book, files, batches, datasets, guard, studies, fleet }: GatewayParts): DynamicModule {
    return {
      module: GatewayModule,
      controllers: [HomeController, ImagesController, GenerationsController, HistoryController, EventsController, ModelsController, PicturesController, ReferenceController, WebhooksController, DeliveriesController, StudiesController, FleetController, FilesController, BatchesController, DatasetsController, HealthController],
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
        { provide: WebhookBook, useValue: book },
        { provide: FileBook, useValue: files },
        { provide: BatchBook, useValue: batches },
        { provide: DatasetBook, useValue: datasets },
        { provide: CallGuard, useValue: guard },
        { provide: StudyBook, useValue: studies },
        { provide: FleetBoard, useValue: fleet },
        ...[AcceptanceLog, BatchDrive, BatchDriver, Batches, BatchResults, Choices, Datasets, DatasetView, Entrance, Files, FileSweep, FleetCosts, GenerationEvents, Generations, GenerationView, History, Images, ImageStream, LineAnswers, LineRunner, OpenStreams, Pictures, Studies, StudyPictures, VotingBooth, WaitingRoom, Webhooks],
      ],
    };
  }
}
