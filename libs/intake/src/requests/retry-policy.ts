import { backoffMs, pause } from '#libs/concurrency';

/** What happens to a message after a failure. */
export type Fate =
  /** It can never be recorded as it is. */
  | 'dead letter'
  /** Retried until it succeeds, at most 2 s apart. */
  | 'waits'
  /** Retried 6 times in 5 s; then the failing message of the batch is found. */
  | 'waits 5 s, then dead letter'
  /** Retried every 0.5 s; the messages behind it in its partition wait only for this. */
  | 'waits 10 s, then dead letter';

/** The properties by which errors of PostgreSQL, the network, Kafka and JavaScript are distinguished. */
export interface IntakeFault {
  sqlState?: string | undefined;
  network?: string | undefined;
  kafka?: string | undefined;
  name?: string | undefined;
  message?: string | undefined;
  /** The code of a refusal, where nothing has failed. */
  refusal?: string | undefined;
}

interface Rule {
  /** In words, for docs/operations.md. */
  what: string;
  is: (fault: IntakeFault) => boolean;
  fate: Fate;
}

const BROKER_REFUSES = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP'];
const NO_CONNECTION = new RegExp(
  [
    'connection (terminated|timeout|ended)',
    'timeout exceeded when trying to connect',
    'client has encountered a connection error',
    'client was closed',
    'query read timeout',
    String.raw`\bSSL\b`,
    String.raw`\bSASL\b`,
  ].join('|'),
  'i',
);

/** The first rule that matches a fault decides. docs/operations.md quotes them. */
export const RETRY_POLICY: readonly Rule[] = [
  {
    what: 'a command on a statement that is not recorded (yet)',
    is: ({ refusal }) => refusal === 'statement-not-found',
    fate: 'waits 10 s, then dead letter',
  },
  {
    what: 'a message that cannot be read, or that the rules refuse',
    is: ({ refusal }) => refusal !== undefined,
    fate: 'dead letter',
  },
  {
    what: 'data that the database refuses (SQLSTATE 22, 23, 54)',
    is: ({ sqlState }) => /^(22|23|54)/.test(sqlState ?? ''),
    fate: 'dead letter',
  },
  {
    what: `a message that the broker refuses (${BROKER_REFUSES.join(', ')})`,
    is: ({ kafka }) => BROKER_REFUSES.includes(kafka ?? ''),
    fate: 'dead letter',
  },
  {
    what: 'a message that our own code fails on (TypeError, RangeError, SyntaxError)',
    is: ({ name }) => /^(Type|Range|Syntax)Error$/.test(name ?? ''),
    fate: 'dead letter',
  },
  {
    what:
      'a database that is away, starting, full, busy, of another schema or closed to us ' +
      '(SQLSTATE 08, 25, 28, 3D, 3F, 40, 42, 53, 55, 57, 58)',
    is: ({ sqlState, message }) =>
      /^(08|25|28|3D|3F|40|42|53|55|57|58)/.test(sqlState ?? '') || NO_CONNECTION.test(message ?? ''),
    fate: 'waits',
  },
  {
    what: 'the network, names and certificates (ECONNREFUSED, EAI_AGAIN, CERT_HAS_EXPIRED and the like)',
    is: ({ network }) => network !== undefined,
    fate: 'waits',
  },
  {
    what: 'a broker that is away, closed to us, or without the topic: all other errors of Kafka',
    is: ({ kafka, name }) => kafka !== undefined || name === 'PartitionMoved',
    fate: 'waits',
  },
  { what: 'anything else', is: () => true, fate: 'waits 5 s, then dead letter' },
];

export const fateOf = (fault: IntakeFault): Fate => RETRY_POLICY.find(({ is }) => is(fault))!.fate;

/** EPIPE and the like look the same, but are not. */
const SQLSTATE = /^(?!E)[0-9A-Z]{5}$/;

/** @param error any exception: kafkajs wraps the original error, often twice */
export function faultOf(error: unknown): IntakeFault {
  const chain = causesOf(error);
  const { code, name, message } = chain.at(-1) ?? {};
  const text = typeof code === 'string' ? code : '';
  const kafka = chain.filter((one) => one.name?.startsWith('KafkaJS'));
  if (SQLSTATE.test(text)) return { sqlState: text, name, message };
  return { network: text || undefined, kafka: kafka.at(-1)?.type ?? kafka.at(-1)?.name, name, message };
}

interface Thrown {
  code?: unknown;
  name?: string;
  message?: string;
  type?: string;
  cause?: unknown;
}

function causesOf(error: unknown): Thrown[] {
  const chain: Thrown[] = [];
  for (
    let one: unknown = error;
    typeof one === 'object' && one !== null && chain.length < 10;
    one = chain.at(-1)!.cause
  )
    chain.push(one);
  return chain;
}

const MAX_BACKOFF_MS = 2000;
const MAX_RETRIES = 6;

/** A failure that a message itself causes, or may cause: waiting does not help. `cause` is the original error. */
export class MessageError extends Error {
  override name = 'MessageError';

  constructor(override readonly cause: Error) {
    super(cause.message);
  }
}

/**
 * Runs something, and retries it as the policy says.
 * @throws MessageError; the signal's reason, if it was given
 */
export async function retryByPolicy<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const fate = fateOf(faultOf(error));
      if (fate === 'dead letter' || (fate !== 'waits' && failures > MAX_RETRIES))
        throw new MessageError(error as Error);
      if (!signal.aborted) onError(error);
      await pause(backoffMs(failures, MAX_BACKOFF_MS), signal);
    }
  }
}
