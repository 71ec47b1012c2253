import { Controller, Get, Inject, Query } from '@nestjs/common';
import { AuditTrail } from './audit-trail.js';

@Controller('admin/audit')
export class AuditController {
  constructor(@Inject(AuditTrail) private readonly trail: AuditTrail) {}

  @Get()
  page(@Query() query: { limit?: unknown; before?: unknown }) {
    return this.trail.page(query);
  }
}
