export { loadGazetteer } from './gazetteer.js';
export { openRegister } from './open-register.js';
export { refold } from './refolding.js';
export { rebuildRegister } from './register-rebuild.js';
export { appendToRegister, type GazetteerPlace, type Located, Register } from './register.js';
export { codeHolders, lastEventOf, readPlaces } from './register-tables.js';
