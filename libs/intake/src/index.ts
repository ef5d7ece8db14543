export { type DeadLetter, type DeadLetterFilter, countOpenLetters } from './dead-letters/dead-letter-rows.js';
export { DeadLetters } from './dead-letters/dead-letters.js';
export { stored } from './dead-letters/stored-bytes.js';
export { type ExecutionResult, Executor, type ExecutorParts } from './requests/executor.js';
export { type Origin, type RejectedRequest, type Request, detailOf, requestOf } from './requests/request.js';
export { RETRY_POLICY, fateOf, faultOf } from './requests/retry-policy.js';
export { type IntakeBatch, type IntakeOptions, StatementIntake } from './statement-intake.js';
