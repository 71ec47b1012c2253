import { Controller, Get, Inject } from '@nestjs/common';
import { Catalogue } from './models/catalogue.js';

/** Where a browser pointed at the service lands. */
@Controller()
export class HomeController {
  constructor(@Inject(Catalogue) private readonly catalogue: Catalogue) {}

  @Get()
  home() {
    return {
      service: 'slipstream',
      page: '/console/',
      model: this.catalogue.manifest.name,
      routes: {
        'POST /v1/images/generations': 'a prompt in, pictures out; compatible with the OpenAI Images API',
        'POST /v1/generations': 'the same, answered at once with a job to follow',
        'GET /v1/generations': 'what you asked for lately, with filters',
        'DELETE /v1/generations/{id}': 'forgets what has ended, with its pictures',
        'GET /v1/generations/{id}': 'how far it is, then its pictures',
        'GET /v1/generations/{id}/events': 'the same as events, with previews where the request asked for partial_images',
        'POST /v1/generations/{id}/cancel': 'stops it at its next step',
        'POST /v1/files, POST /v1/batches': 'many requests as one file, and what came of them as another; compatible with OpenAI’s Batches',
        'POST /v1/webhooks': 'an address to be told at when generations, batches and data sets end',
        'POST /v1/studies': 'a blind comparison, for people to vote on',
        'GET /v1/fleet': 'how the workers are, and were',
        'POST /v1/datasets': 'prompts in, shards out: WebDataset tars with Parquet tables',
        'GET /v1/datasets/{id}/shards': 'those that are done, with links',
        'GET /v1/models': 'what can be asked for: sizes, strategies, steps, defaults',
        'GET /reference, /openapi.json': 'all of it in detail, for people and for programs',
        'GET /livez, /readyz, /metrics': 'for operators',
      },
      example: { prompt: 'slice of pizza', seed: 7 },
    };
  }
}
