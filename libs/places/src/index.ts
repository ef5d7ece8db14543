export { refold } from './refolding.js';
export { rebuildRegister } from './register-rebuild.js';
export { type GazetteerPlace, type Located, Register } from './register.js';
