import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { describe } from '@jest/globals';
import { pythonWith, whyNoPython } from '../python.js';
import { whyNoKafka } from './available.js';

const SCRIPT = resolve('tests/support/kafka/librdkafka.py');
const PACKAGES = ['confluent-kafka==2.16.1'];

/** For tests that use librdkafka and testBroker(). They are skipped where there is no Python 3, unless CLAIMLINE_REQUIRE_KAFKA=1. */
export const describeLibrdkafka =
  whyNoKafka() === undefined && (process.env.CLAIMLINE_REQUIRE_KAFKA === '1' || whyNoPython() === undefined)
    ? describe
    : describe.skip;

type Bytes = string | Buffer | null;

/** A message as librdkafka takes it: a header may come twice, and have no value. */
export interface ForeignMessage {
  topic: string;
  key?: Bytes;
  value: Bytes;
  headers?: readonly (readonly [name: string, value: Bytes])[];
  partition?: number;
  /** In milliseconds; none (or 0): librdkafka sets the present. */
  timestamp?: number;
}

/** A producer of librdkafka, in a process of its own. */
export class LibrdkafkaProducer {
  private readonly answers: ((line: string) => void)[] = [];
  private errors = '';

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (line) => this.answers.shift()?.(line));
    child.stderr!.on('data', (chunk) => (this.errors += String(chunk)));
    child.once('close', () =>
      this.answers
        .splice(0)
        .forEach((answer) =>
          answer(JSON.stringify({ error: `librdkafka has ended: ${this.errors.slice(-3000)}` })),
        ),
    );
  }

  /**
   * @param config librdkafka's own, such as `compression.type` ('zstd'), `linger.ms`, `message.max.bytes`. With a
   * `transactional.id` it is ready to begin a transaction.
   */
  static async open(
    bootstrap: string,
    config: Record<string, string | number | boolean> = {},
  ): Promise<LibrdkafkaProducer> {
    const whole = { 'bootstrap.servers': bootstrap, 'broker.address.family': 'v4', ...config };
    const producer = new LibrdkafkaProducer(
      spawn(pythonWith(PACKAGES), [SCRIPT, JSON.stringify(whole)], { stdio: ['pipe', 'pipe', 'pipe'] }),
    );
    if ('transactional.id' in config) await producer.order('init');
    return producer;
  }

  /** Hands messages over; they are on their way, not sent. */
  async produce(...messages: ForeignMessage[]): Promise<void> {
    const packed = messages.map(({ key, value, headers = [], ...rest }) => ({
      ...rest,
      key: pack(key),
      value: pack(value),
      headers: headers.map(([name, one]) => [name, pack(one)]),
    }));
    await this.order('produce', { messages: packed });
  }

  /** Resolves when all are acknowledged. @throws where one is not */
  flush(): Promise<void> {
    return this.order('flush');
  }

  async send(...messages: ForeignMessage[]): Promise<void> {
    await this.produce(...messages);
    await this.flush();
  }

  begin(): Promise<void> {
    return this.order('begin');
  }

  commit(): Promise<void> {
    return this.order('commit');
  }

  abort(): Promise<void> {
    return this.order('abort');
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.stdin!.end();
    await gone;
  }

  private async order(what: string, more: object = {}): Promise<void> {
    const answer = new Promise<string>((resolve) => this.answers.push(resolve));
    this.child.stdin!.write(`${JSON.stringify({ do: what, ...more })}\n`);
    const { error } = JSON.parse(await answer) as { error?: string };
    if (error !== undefined) throw new Error(error);
  }
}

const pack = (bytes: Bytes | undefined) =>
  bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('base64');
