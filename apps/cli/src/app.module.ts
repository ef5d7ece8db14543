import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { Part } from '#libs/service';
import { RelayModule } from '#modules/feed';
import { HttpModule } from '#modules/http';
import { RecorderModule } from '#modules/intake';
import { JobSupervisorModule } from '#modules/jobs';
import { ProjectorModule } from '#modules/projection';
import { ServiceModule } from '#modules/service';
import { TilesModule } from '#modules/transparency';

/** What each part is made of. */
const MODULES: Record<Part, Type[]> = {
  api: [HttpModule],
  recorder: [RecorderModule],
  relay: [RelayModule],
  projector: [ProjectorModule, TilesModule, JobSupervisorModule],
};

/** Any parts of the service in one process. */
@Module({ imports: [ServiceModule] })
export class AppModule {
  static of(parts: readonly Part[]): DynamicModule {
    return { module: AppModule, imports: parts.flatMap((part) => MODULES[part]) };
  }
}
