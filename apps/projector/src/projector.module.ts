import { Module } from '@nestjs/common';
import { JobSupervisorModule } from '#modules/jobs';
import { ProjectorModule } from '#modules/projection';
import { ServiceModule } from '#modules/service';
import { TilesModule } from '#modules/transparency';

/** Keeps up to date what is derived from the log: read models and trees; has jobs done. */
@Module({ imports: [ServiceModule, ProjectorModule, TilesModule, JobSupervisorModule] })
export class ProjectorProcess {}
