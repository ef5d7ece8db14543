/** The package kafkajs is not installed. */
export class KafkaMissing extends Error {
  override name = 'KafkaMissing';
}

/**
 * Modules that need kafkajs are imported on use, so that clients over HTTP need not install it.
 * @throws KafkaMissing
 */
export async function loaded<T>(importing: Promise<T>): Promise<T> {
  try {
    return await importing;
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND' &&
      (error as Error).message.includes('kafkajs')
    )
      throw new KafkaMissing('Kafka needs the package kafkajs: npm install kafkajs', { cause: error });
    throw error;
  }
}

/** Permanent errors of the brokers, by kafkajs' names: they last until somebody changes something. */
const PERMANENT_ERRORS = [
  'KafkaJSSASLAuthenticationError',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_TOPIC_EXCEPTION',
  'MESSAGE_TOO_LARGE',
];

/** Whether an error, or one of its causes, is permanent. */
export function isPermanent(error: unknown): boolean {
  if (error instanceof KafkaMissing) return true;
  for (
    let one = error as { name?: string; type?: string; cause?: unknown } | undefined;
    one;
    one = one.cause as typeof one
  )
    if (PERMANENT_ERRORS.includes(one.name ?? '') || PERMANENT_ERRORS.includes(one.type ?? '')) return true;
  return false;
}
