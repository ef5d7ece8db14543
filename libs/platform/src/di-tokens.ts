/** Injects the settings. */
export const SETTINGS = Symbol('settings');
/** Injects the logger. */
export const LOGGER = Symbol('logger');
/** Injects the connections of readers. */
export const READ_POOL = Symbol('read pool');
/** Injects the AbortController that all background tasks stop with. */
export const STOPPING = Symbol('stopping');
