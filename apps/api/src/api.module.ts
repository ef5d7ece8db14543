import { Module } from '@nestjs/common';
import { HttpModule } from '#modules/http';
import { ServiceModule } from '#modules/service';

/** The API. */
@Module({ imports: [ServiceModule, HttpModule] })
export class ApiProcess {}
