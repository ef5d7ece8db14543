import { Module } from '@nestjs/common';
import { KEY_FINDER, type KeyFinder, NO_KEYS, Sessions, SignIn } from '#libs/access';
import { EventStore } from '#libs/log';
import { SETTINGS, type Settings } from '#libs/platform';
import { LogModule } from '#modules/log';
import { SessionCookies } from '../edge/session-cookies.js';
import { SessionController } from './session.controller.js';
import { SignInController } from './sign-in.controller.js';

/** Signing in to the page: by a key, and at a provider where there is one. */
@Module({
  imports: [LogModule],
  controllers: [SessionController, SignInController],
  providers: [
    {
      provide: Sessions,
      inject: [EventStore, { token: KEY_FINDER, optional: true }],
      useFactory: ({ pool }: EventStore, keys?: KeyFinder) => new Sessions(pool, keys ?? NO_KEYS),
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
