import { isOnPath, javaVersion, majorOf, OLDEST_JAVA } from './java.js';
import { hasJars } from './jars.js';

/**
 * Why tests that need Kafka cannot run here; undefined where they can: KAFKA_BROKERS names a Kafka of the user's own, or
 * a broker can be started. CLAIMLINE_NO_KAFKA gives a reason beforehand: the global setup's, or the user's.
 */
export function whyNoKafka(): string | undefined {
  const { KAFKA_BROKERS: own = '', CLAIMLINE_NO_KAFKA: reason = '' } = process.env;
  if (reason !== '') return reason;
  return own === '' ? whyNoBroker() : undefined;
}

/** Why no broker can be started here; undefined where one can. Maven is needed once, to fetch it. */
export function whyNoBroker(): string | undefined {
  const version = javaVersion();
  if (version === undefined)
    return `there is no java on the PATH; a broker needs Java ${OLDEST_JAVA} or newer, and Maven`;
  if (majorOf(version) < OLDEST_JAVA)
    return `java on the PATH is ${version}; a broker needs Java ${OLDEST_JAVA} or newer`;
  if (!hasJars() && !isOnPath('mvn')) return 'there is no mvn on the PATH; Maven fetches the broker';
  return undefined;
}
