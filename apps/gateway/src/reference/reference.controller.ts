import { Controller, Get, Header } from '@nestjs/common';
import { apiDocument, type ApiDocument } from './document.js';
import { referencePage } from './reference-page.js';

const page = referencePage(apiDocument);

/** The API's description, for programs and for people. */
@Controller()
export class ReferenceController {
  @Get('openapi.json')
  @Header('cache-control', 'public, max-age=300')
  document(): ApiDocument {
    return apiDocument;
  }

  @Get('reference')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
  @Header('cache-control', 'public, max-age=300')
  reference(): string {
    return page;
  }
}
