export { mayAct, ROLES, signatureOf, type Caller, type Role } from './caller.js';
export { KEY_FINDER, type KeyFinder, NO_KEYS } from './key-finder.js';
export { type Account, type Session, SESSION_SECONDS, Sessions } from './sessions.js';
export { SIGN_IN_MS, SignIn, type SignInAttempt, signInUnknown } from './sign-in.js';
