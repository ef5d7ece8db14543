import type { Logger } from '#libs/platform';

/** Injects the logger, which is an interface and so no token itself. */
export const LOGGER = Symbol('logger');
export type { Logger };
