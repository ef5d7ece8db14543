export { LetterCollector } from './dead-letters/letter-collector.js';
export { LETTER_ID, letterIdOf, letterOriginOf } from './dead-letters/letter-id.js';
export { type DeadLetter, LETTER_STATES, countOpenLetters } from './dead-letters/dead-letter-rows.js';
export { DeadLetters } from './dead-letters/dead-letters.js';
export { stored } from './dead-letters/stored-bytes.js';
export { type ExecutionResult, Executor } from './requests/executor.js';
export { type Origin, type Request, detailOf, requestOf } from './requests/request.js';
export { RETRY_POLICY, fateOf, faultOf } from './requests/retry-policy.js';
export { StatementIntake } from './statement-intake.js';
