import type { Logger } from '#libs/platform';

/** Injects the logger, which is an interface and so no token itself. */
export const LOGGER = Symbol('logger');
/** Injects what requests for replays can need of the service. */
export const REPLAY_NEEDS = Symbol('replay needs');
/** Injects the private key by which checkpoints are signed; undefined where there is none. */
export const CHECKPOINT_KEY = Symbol('checkpoint key');
export type { Logger };
