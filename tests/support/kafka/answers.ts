import { Kafka, logLevel } from 'kafkajs';

/** Whether a broker answers on the port, and all the nodes named are up in its eyes. One try, without patience. */
export async function answers(port: number, nodes: readonly number[]): Promise<boolean> {
  const kafka = new Kafka({
    clientId: 'claimline-start',
    brokers: [`127.0.0.1:${port}`],
    connectionTimeout: 500,
    requestTimeout: 1000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers, controller } = await admin.describeCluster();
    const up = new Set(brokers.map(({ nodeId }) => nodeId));
    return controller !== null && nodes.every((id) => up.has(id));
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
