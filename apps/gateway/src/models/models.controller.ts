import { Controller, Get, Inject, Param } from '@nestjs/common';
import { Catalogue } from './catalogue.js';
import { modelObject } from './model-object.js';

/** What can be asked for, in OpenAI's shape. */
@Controller('v1/models')
export class ModelsController {
  constructor(@Inject(Catalogue) private readonly catalogue: Catalogue) {}

  @Get()
  list() {
    return { object: 'list', data: [modelObject(this.catalogue)] };
  }

  @Get(':id')
  read(@Param('id') id: string) {
    this.catalogue.model(id);
    return modelObject(this.catalogue);
  }
}
