export { Access, OPENNESS, type Openness } from './access.js';
export { type Caller, mayAct, type Role, ROLES, signatureOf } from './caller.js';
export {
  type KeyRefusalCode,
  type KeyRequest,
  keyRequestSchema,
  roles,
  type Rotation,
  rotationSchema,
} from './key-request.js';
export type { KeyFinder } from './key-finder.js';
export { KeyRing } from './key-ring.js';
export { KEY_ID } from './key-text.js';
export { type IssuedKey, type Key, KEY_STATES, Keys, MAX_KEYS } from './keys.js';
export { type Need, needOf, NEEDS, type Operation } from './needs.js';
export { isLoopback, openMetricsLine, opennessLine, requireKeysOrOpen } from './openness.js';
export { OperatedKeys } from './operated-keys.js';
export { callerOfBearer } from './refusals.js';
export { type Account, type Session, SESSION_SECONDS, Sessions } from './sessions.js';
export { isHolder, type SessionRefusalCode, type SignedIn, SignedInSessions } from './signed-in.js';
export { SIGN_IN_MS, SignIn, type SignInAttempt, signInUnknown } from './sign-in.js';
