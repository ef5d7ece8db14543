import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../support/random.js';
import { War } from '../../support/war.js';
import { Audit } from '../audit.js';
import { rulesetInUse } from '../chaos.js';
import { Caller } from '../http.js';
import { Ledger } from '../ledger.js';
import { Writer } from '../writer.js';
import { ChaosCluster, SHARDS } from './chaos-cluster.js';
import { injectFault, type Fault } from './fault-injection.js';
import { EventsAudit } from './events-audit.js';
import { Letters } from './letters.js';
import { atRate, Load, type Pace } from './load.js';
import { PostAudit } from './post-audit.js';
import { StallMonitor, type Stage } from './stall-monitor.js';

export interface RunOptions {
  brokers: 1 | 3;
  /** For all that is kept and logged; empty or missing. */
  folder: string;
  /** Messages a second; without it as many as are recorded and projected. */
  rate?: number | undefined;
  /** How long a round loads the installation before the blow and after it, at most, in milliseconds. */
  loadMs: number;
}

export interface Round {
  blow: Fault;
  what: string;
  faults: string[];
  /** Messages sent a second, as long as there was load. */
  rate: number;
  acknowledged: number;
  failedSends: number;
  takeOverMs?: number | undefined;
  /** The longest that any shard stood still at a stage with work before it, in seconds. */
  standstills: Record<Stage, number>;
  /** From the end of the load until everything was recorded, sent and projected. */
  drainSeconds: number;
  /** Of the whole round, with the audit. */
  seconds: number;
}

/** Messages under way where no rate is given: the slowest stage sets the rate. */
const UNDER_WAY = 4000;
const DRAIN_LIMIT_MS = 120_000;
/** Places are registered, named and merged over HTTP meanwhile, a write every so often. */
const HTTP_PAUSE_MS = 150;

/** An installation under load, with all that is known of what it was given. */
export class Run {
  readonly ledger = new Ledger();
  readonly audit: Audit;
  readonly post: PostAudit;
  readonly events: EventsAudit;
  private readonly letters: Letters;
  private readonly writer: Writer;
  private readonly pulse: StallMonitor;

  private constructor(
    readonly arena: ChaosCluster,
    private readonly random: Random,
    private readonly options: RunOptions,
  ) {
    const { kafka, topics } = arena;
    const [api] = arena.of('api');
    const caller = () => new Caller(() => api!.url());
    const registered = new Set<string>();
    const war = () =>
      new War(random.branch(random.int(0, 1e6)), { places: 400, unknown: 100 }, random.uuid());
    this.letters = new Letters(war(), random.branch(1), this.ledger, registered);
    this.writer = new Writer(0, 1, war(), random.branch(2), this.ledger, caller(), registered);
    this.audit = new Audit(this.ledger, rulesetInUse(), caller(), SHARDS);
    this.post = new PostAudit(kafka, topics, this.letters.all);
    this.events = new EventsAudit(kafka, topics.events, SHARDS);
    this.pulse = new StallMonitor(arena);
  }

  static async open(options: RunOptions, random: Random): Promise<Run> {
    return new Run(await ChaosCluster.open(options.folder, options.brokers), random, options);
  }

  /** Loads, injects the fault in the midst of it, and checks the result. @param strangers commands that wait for their statement in vain */
  async round(blow: Fault, strangers: number): Promise<Round> {
    const { random, letters, pulse, options } = this;
    const begun = performance.now();
    const { kafka, topics } = this.arena;
    const load = new Load(kafka, topics.statements, letters, random, random.chance(0.5));
    pulse.standstills();
    let over = false;
    const pace: Pace = options.rate === undefined ? () => UNDER_WAY - pulse.backlog : atRate(options.rate);
    const first = Array.from({ length: strangers }, () => letters.stranger());
    const loading = Promise.all([
      load.run(pace, () => over, first),
      this.writer.run(() => over, HTTP_PAUSE_MS),
    ]);
    const moment = () => sleep(random.int(options.loadMs / 3, options.loadMs));
    try {
      await moment();
      const { what, faults, takeOverMs } = await injectFault(this.arena, blow, random);
      await moment();
      over = true;
      const loaded = performance.now();
      await loading;
      faults.push(...(await this.drained()));
      const drainSeconds = (performance.now() - loaded) / 1000;
      const standstills = pulse.standstills();
      if (faults.length === 0) faults.push(...(await this.held()));
      faults.push(...this.faults());
      const { sent, acknowledged, failed } = load;
      return {
        blow,
        what,
        faults,
        rate: sent / ((loaded - begun) / 1000),
        acknowledged,
        failedSends: failed,
        takeOverMs,
        standstills,
        drainSeconds,
        seconds: (performance.now() - begun) / 1000,
      };
    } finally {
      over = true;
      await loading;
    }
  }

  /** Everything once more, from the first message and the first event on. */
  async whole(): Promise<string[]> {
    this.post.again();
    this.events.again();
    const faults = await this.post.arrived((key) => this.ledger.promise(key));
    faults.push(...(await this.audit.whole(this.databaseUrl)));
    faults.push(
      ...(await this.post.settled((key) => this.audit.has(key))),
      ...(await this.events.round(this.databaseUrl)),
    );
    return faults;
  }

  /** What was seen to go wrong so far by others than the audits. */
  faults(): string[] {
    return [...this.arena.faults(), ...this.ledger.faults, ...this.writer.faults];
  }

  async close(): Promise<void> {
    await this.pulse.close();
    await this.arena.close();
  }

  get databaseUrl(): string {
    return this.arena.postgres.url;
  }

  private async held(): Promise<string[]> {
    const faults = await this.post.arrived((key) => this.ledger.promise(key));
    faults.push(...(await this.audit.round(this.databaseUrl)));
    faults.push(
      ...(await this.post.settled((key) => this.audit.has(key))),
      ...(await this.events.round(this.databaseUrl)),
    );
    return faults;
  }

  /** Waits until all that was sent has been through. */
  private async drained(): Promise<string[]> {
    let left: string[] = [];
    for (const deadline = Date.now() + DRAIN_LIMIT_MS; Date.now() < deadline; await sleep(50)) {
      try {
        left = await this.pulse.behind();
        if (left.length === 0) return [];
      } catch (error) {
        left = [(error as Error).message];
      }
    }
    return [`${DRAIN_LIMIT_MS / 1000} s after the load there is work left: ${left.join(', ')}`];
  }
}
