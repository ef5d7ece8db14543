import type { Logger } from '#libs/platform';

/** Injects the logger, which is an interface and so no token itself. */
export const LOGGER = Symbol('logger');
/** Injects what requests for replays can need of the service. */
export const REPLAY_NEEDS = Symbol('replay needs');
export type { Logger };
