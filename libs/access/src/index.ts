export { mayAct, ROLES, signatureOf, type Caller, type Role } from './caller.js';
