import type { Message } from 'kafkajs';
import type { StatementInput } from '../../support/war.js';

/** A statement as an ingest worker produces it: the place is the key, so that what is said about one place stays in order. */
export function statementMessage(input: StatementInput): Message {
  const { location } = input;
  return { key: 'id' in location ? location.id : location.name, value: JSON.stringify(input) };
}
