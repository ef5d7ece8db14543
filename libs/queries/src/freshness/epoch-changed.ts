import { formatToken, type Token } from '#libs/domain';
import { Problem } from '#libs/platform';

/** The problem of a reader that has read events which the log has lost. @param goOn the token of the log of today to go on from */
export const epochChanged = (goOn: Token): Problem =>
  new Problem(
    409,
    'epoch-changed',
    'the log has gone back, after a failover or a restore, and events that this token stands for are not in it any more; others ' +
      'have their positions. Forget what was read at positions after those of `token`, and go on from it',
    undefined,
    { token: formatToken(goOn) },
  );
