/** What a topic is at this moment. One that was deleted and made anew has another id. */
export interface TopicNow {
  /** Hexadecimal; undefined where the brokers do not tell (Kafka before 2.8). */
  id: string | undefined;
  partitions: number;
}

// The request Metadata in the first version that tells ids of topics. It is a "flexible" one: headers and structures end
// with tagged fields (none here), lengths are varints of one more than the length.
export const METADATA = 3;
export const WITH_TOPIC_IDS = 10;

const UNKNOWN_TOPIC = 3;

export function metadataRequest(topic: string): Buffer {
  const name = Buffer.from(topic);
  const noTags = [0];
  const one = [2];
  const noId = Buffer.alloc(16);
  const neitherMadeNorWithRights = [0, 0, 0];
  return Buffer.concat([noTags, one, noId, varint(name.length + 1), name, noTags, neitherMadeNorWithRights, noTags].map((part) => Buffer.from(part)));
}

/** The only topic of an answer; undefined where there is none of that name. @throws Error with another code of the brokers */
export function readTopic(answer: Buffer): TopicNow | undefined {
  const at = new Reading(answer);
  at.tags();
  at.skip(4); // throttled
  for (let brokers = at.length(); brokers > 0; brokers--) {
    at.skip(4); // id
    at.text(); // host
    at.skip(4); // port
    at.text(); // rack
    at.tags();
  }
  at.text(); // cluster
  at.skip(4); // controller
  if (at.length() !== 1) throw new Error('the brokers tell of other topics than the one that was asked for');
  const code = at.int16();
  at.text(); // name
  const id = at.bytes(16).toString('hex');
  at.skip(1); // internal
  const partitions = at.length();
  if (code === UNKNOWN_TOPIC) return undefined;
  if (code !== 0) throw new Error(`the brokers do not describe the topic: error ${code}`);
  return { id, partitions };
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

class Reading {
  private at = 0;

  constructor(private readonly buffer: Buffer) {}

  bytes(count: number): Buffer {
    if (this.at + count > this.buffer.length) throw new Error('the answer of the brokers is cut short');
    return this.buffer.subarray(this.at, (this.at += count));
  }

  skip(count: number): void {
    this.bytes(count);
  }

  int16(): number {
    return this.bytes(2).readInt16BE();
  }

  varint(): number {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = this.bytes(1)[0]!;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  }

  /** Of an array or a text; 0 also for none at all. */
  length(): number {
    return Math.max(0, this.varint() - 1);
  }

  text(): void {
    this.skip(this.length());
  }

  tags(): void {
    for (let tags = this.varint(); tags > 0; tags--) {
      this.varint();
      this.skip(this.varint());
    }
  }
}
