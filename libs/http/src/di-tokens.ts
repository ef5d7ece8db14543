import type { Logger } from '#libs/platform';

/** Injects the logger, which is an interface and so cannot be a token itself. */
export const LOGGER = Symbol('logger');
/** Injects the parts of the service that requests for replays need. */
export const REPLAY_NEEDS = Symbol('replay needs');
/** Injects the private key that signs checkpoints; undefined where there is none. */
export const CHECKPOINT_KEY = Symbol('checkpoint key');
export type { Logger };
