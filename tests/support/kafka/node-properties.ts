/** Where a node of a cluster listens, always on 127.0.0.1. */
export interface NodePlace {
  id: number;
  port: number;
  controllerPort: number;
  /** A second listener for clients, which advertises another port than its own: that of a proxy before it. */
  cut?: { port: number; advertised: number } | undefined;
}

/** server.properties of one node, broker and controller in one process. */
export function nodeProperties(
  node: NodePlace,
  nodes: readonly NodePlace[],
  dataFolder: string,
  own: Record<string, string>,
): string {
  const copies = String(nodes.length);
  const enough = String(Math.max(1, nodes.length - 1));
  const at = (port: number) => `127.0.0.1:${port}`;
  const { cut } = node;
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': String(node.id),
    'controller.quorum.voters': nodes
      .map(({ id, controllerPort }) => `${id}@${at(controllerPort)}`)
      .join(','),
    listeners: [
      `PLAINTEXT://${at(node.port)}`,
      `CONTROLLER://${at(node.controllerPort)}`,
      ...(cut ? [`CUT://${at(cut.port)}`] : []),
    ].join(','),
    'advertised.listeners': [
      `PLAINTEXT://${at(node.port)}`,
      ...(cut ? [`CUT://${at(cut.advertised)}`] : []),
    ].join(','),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CUT:PLAINTEXT',
    'log.dirs': dataFolder,
    'auto.create.topics.enable': 'false',
    'default.replication.factor': copies,
    'min.insync.replicas': enough,
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': enough,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': enough,
    // Few, because each costs time when a coordinator loads; the defaults are for hundreds of groups.
    'offsets.topic.num.partitions': '5',
    'transaction.state.log.num.partitions': '5',
    'share.coordinator.state.topic.num.partitions': '5',
    'group.initial.rebalance.delay.ms': '0',
    // A broker killed counts as gone after 3 s, not 9: so soon others lead its partitions.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    // 128 MB of the heap by default, taken at once.
    'log.cleaner.dedupe.buffer.size': String(8 * 2 ** 20),
    ...own,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
