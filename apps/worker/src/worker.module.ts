import { Module, type DynamicModule } from '@nestjs/common';
import { Health, HealthController } from '@slipstream/server-kit';

/** What the worker serves over HTTP: its health and its metrics, nothing else. */
@Module({})
export class WorkerModule {
  static with(health: Health): DynamicModule {
    return { module: WorkerModule, controllers: [HealthController], providers: [{ provide: Health, useValue: health }] };
  }
}
