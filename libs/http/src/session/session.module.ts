import { Module } from '@nestjs/common';
import { KeyRing, Sessions, SignedInSessions, SignIn } from '#libs/access';
import { EventStore } from '#libs/log';
import { SETTINGS, type Settings } from '#libs/platform';
import { AccessModule } from '#modules/access';
import { LogModule } from '#modules/log';
import { SessionCookies } from '../edge/session-cookies.js';
import { SessionController } from './session.controller.js';
import { SessionsController } from './sessions.controller.js';
import { SignInController } from './sign-in.controller.js';

/** Signing in to the page: by a key, and at a provider where there is one. */
@Module({
  imports: [AccessModule, LogModule],
  controllers: [SessionController, SessionsController, SignInController],
  providers: [
    {
      provide: Sessions,
      inject: [EventStore, KeyRing],
      useFactory: ({ pool }: EventStore, ring: KeyRing) => new Sessions(pool, ring),
    },
    {
      provide: SignedInSessions,
      inject: [EventStore],
      useFactory: (store: EventStore) => new SignedInSessions(store),
    },
    {
      provide: SessionCookies,
      inject: [Sessions, SETTINGS],
      useFactory: (sessions: Sessions, settings: Settings) => new SessionCookies(sessions, settings),
    },
    {
      provide: SignIn,
      inject: [SETTINGS],
      useFactory: ({ browsers: { oidc } }: Settings) => oidc && new SignIn(oidc),
    },
  ],
  exports: [SessionCookies],
})
export class SessionModule {}
