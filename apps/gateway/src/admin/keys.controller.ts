import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Keys } from './keys.js';

@Controller('admin/keys')
export class KeysController {
  constructor(@Inject(Keys) private readonly keys: Keys) {}

  @Post()
  @Header('cache-control', 'no-store')
  create(@Body() body: unknown, @Req() asked: FastifyRequest) {
    return this.keys.create(body, asked);
  }

  @Get()
  list(@Query() query: { tenant?: unknown }) {
    return this.keys.list(query);
  }

  @Get(':id')
  read(@Param('id') id: string) {
    return this.keys.read(id);
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  rotate(@Param('id') id: string, @Body() body: unknown, @Req() asked: FastifyRequest) {
    return this.keys.rotate(id, { body, asked });
  }

  @Post(':id/revoke')
  @HttpCode(200)
  revoke(@Param('id') id: string, @Req() asked: FastifyRequest) {
    return this.keys.revoke(id, asked);
  }
}
