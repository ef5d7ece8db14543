export { DeadLetters } from './dead-letters.js';
export { countOpenLetters, type DeadLetter, type DeadLetterFilter } from './dead-letter-rows.js';
export { Executor, type ExecutorParts, type Result } from './executor.js';
export { itemsOf } from './items.js';
export { csvItems, mappedItems } from './mapped-items.js';
export { Mapping } from './mapping.js';
export { readMapping } from './mapping-file.js';
export { detailOf, requestOf, type Origin, type Rejection, type Request } from './request.js';
export { StatementIntake, type IntakeBatch, type IntakeOptions } from './statement-intake.js';
