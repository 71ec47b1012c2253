import { imageEvent } from '@slipstream/contracts';
import { createDocument } from 'zod-openapi';
import { batchesOperations } from '../batches/batches.operations.js';
import { filesOperations } from '../files/files.operations.js';
import { datasetsOperations } from '../datasets/datasets.operations.js';
import { generationsOperations } from '../generations/generations.operations.js';
import { fleetOperations } from '../fleet/fleet.operations.js';
import { imagesOperations } from '../images/images.operations.js';
import { modelsOperations } from '../models/models.operations.js';
import { picturesOperations } from '../pictures/pictures.operations.js';
import { studiesOperations } from '../studies/studies.operations.js';
import { webhooksOperations } from '../webhooks/webhooks.operations.js';
import { completed } from './operation.js';
import { serviceOperations } from './service.operations.js';

export type ApiDocument = ReturnType<typeof createDocument>;

/** The API in OpenAPI 3.1, made of the schemas that requests are parsed with and answers typed by. */
export const apiDocument: ApiDocument = createDocument({
  openapi: '3.1.0',
  info: {
    title: 'Slipstream',
    version: '1',
    description: 'Pictures from text with masked image models. Errors are problem documents (RFC 9457) that hold OpenAI’s `error` as well; what may succeed later says so in `x-should-retry` and `Retry-After`. Every answer has an `x-request-id`, the client’s own where it sent one.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  paths: completed({ ...imagesOperations, ...generationsOperations, ...modelsOperations, ...picturesOperations, ...filesOperations, ...batchesOperations, ...webhooksOperations, ...studiesOperations, ...fleetOperations, ...datasetsOperations, ...serviceOperations }),
  components: {
    schemas: { ImageEvent: imageEvent },
    securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key; a gateway without keys, on its own machine, asks for none' } },
  },
});
