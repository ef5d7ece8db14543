import { Module } from '@nestjs/common';
import { EventStore } from '#libs/log';
import { LOGGER } from '#libs/platform';
import { LogModule } from '#modules/log';
import { openRegister } from './open-register.js';
import { Register } from './register.js';

/** The register of places. */
@Module({
  imports: [LogModule],
  providers: [{ provide: Register, inject: [EventStore, LOGGER], useFactory: openRegister }],
  exports: [Register],
})
export class PlacesModule {}
