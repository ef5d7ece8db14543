export { appendAll } from '../bench/filled.js';
export { openWithPlaces } from '../bench/statements.js';
