import { Body, Controller, Get, HttpCode, Inject, Param, Post, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Tenants } from './tenants.js';

@Controller('admin/tenants')
export class TenantsController {
  constructor(@Inject(Tenants) private readonly tenants: Tenants) {}

  @Put(':id')
  set(@Param('id') id: string, @Body() body: unknown, @Req() asked: FastifyRequest) {
    return this.tenants.set(id, { body, asked });
  }

  @Post(':id/suspend')
  @HttpCode(200)
  suspend(@Param('id') id: string, @Req() asked: FastifyRequest) {
    return this.tenants.suspend(id, asked);
  }

  @Post(':id/resume')
  @HttpCode(200)
  resume(@Param('id') id: string, @Req() asked: FastifyRequest) {
    return this.tenants.resume(id, asked);
  }

  @Get()
  list() {
    return this.tenants.list();
  }

  @Get(':id')
  read(@Param('id') id: string) {
    return this.tenants.read(id);
  }
}
