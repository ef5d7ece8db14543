import type { Admin, Kafka } from 'kafkajs';
import { EncoderOf, withClusters, type Cluster } from '../inside-kafkajs.js';

const METADATA = 3;
/** Supported by Kafka 3.1 and newer. */
const VERSION = 12;
const ID_BYTES = 16;
const UNKNOWN_TOPIC = 3;

/** An admin that also answers the id of a topic: a topic that is deleted and recreated has a new id. */
export class TopicAdmin {
  readonly admin: Admin;
  private cluster!: Cluster;

  constructor(kafka: Kafka) {
    this.admin = withClusters(kafka, (cluster) => (this.cluster = cluster)).admin({ retry: { retries: 1 } });
  }

  /** Undefined where the broker has no topic ids. @throws where there is no such topic, or no broker answers */
  async idOf(topic: string): Promise<string | undefined> {
    await this.cluster.refreshMetadataIfNecessary();
    const broker = await this.cluster.findControllerBroker();
    if ((broker.versions?.[METADATA]?.maxVersion ?? 0) < VERSION) return undefined;
    const request = {
      apiKey: METADATA,
      apiVersion: VERSION,
      apiName: 'Metadata',
      encode: async () => encoded(topic),
    };
    const response = {
      decode: async (raw: Buffer) => ({ id: decoded(raw, topic) }),
      parse: async (answer: object) => answer,
    };
    return ((await broker.connectionPool.send({ request, response })) as { id: string }).id;
  }
}

/** The end of the request's header (no tags), then the request: kafkajs knows none of these "flexible" versions. */
function encoded(topic: string): object {
  const encoder = new EncoderOf();
  const name = Buffer.from(topic);
  const noTags = Buffer.of(0);
  const [makeIt, operations] = [0, 0];
  encoder.writeBufferInternal(
    Buffer.concat([
      noTags,
      unsigned(1 + 1),
      Buffer.alloc(ID_BYTES),
      unsigned(name.length + 1),
      name,
      noTags,
      Buffer.of(makeIt, operations),
      noTags,
    ]),
  );
  return encoder;
}

function decoded(raw: Buffer, topic: string): string {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = raw.readUInt8(at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const skip = (length: number) => void (at += length);
  const text = () => skip(Math.max(0, varint() - 1));
  const tags = () => {
    for (let left = varint(); left > 0; left--) {
      varint();
      skip(varint());
    }
  };
  tags();
  skip(4); // how long to wait
  for (let left = varint() - 1; left > 0; left--) {
    skip(4); // a broker: its id, host, port, rack
    text();
    skip(4);
    text();
    tags();
  }
  text(); // the cluster
  skip(4); // its controller
  varint(); // one topic
  const error = raw.readInt16BE(at);
  skip(2);
  text();
  if (error === UNKNOWN_TOPIC) throw new Error(`there is no topic ${topic}`);
  if (error !== 0) throw new Error(`the brokers give no id for topic ${topic} (error ${error})`);
  return raw.subarray(at, at + ID_BYTES).toString('hex');
}

/** Seven bits a byte, the lowest first. */
function unsigned(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    bytes.push(left < 128 ? left : (left % 128) + 128);
    if (left < 128) return Buffer.from(bytes);
  }
}
