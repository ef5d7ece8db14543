import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../support/random.js';
import type { ChaosCluster } from './chaos-cluster.js';
import type { Member, Part } from './member.js';

/** What can be done to an installation of any kind. */
export const FAULTS = ['recorder', 'relay', 'projector', 'broker', 'postgres', 'members', 'cut'] as const;
/** And to one with three brokers: of these one is stopped or killed. */
export type Fault = (typeof FAULTS)[number] | 'one-of-three';

/** The standby must lead by then, in milliseconds. */
const TAKE_OVER_LIMIT_MS = 5000;

export interface Struck {
  /** What was done, in words. */
  what: string;
  faults: string[];
  /** How long nobody led, where the leading relay was killed, in milliseconds. */
  takeOverMs?: number | undefined;
}

/** Strikes, and mends what it has broken; resolves when all runs again. */
export async function injectFault(arena: ChaosCluster, blow: Fault, random: Random): Promise<Struck> {
  switch (blow) {
    case 'recorder':
    case 'projector':
      return killed(random.pick(arena.of(blow)), random);
    case 'relay':
      return killRelay(arena, random);
    case 'broker':
      return killBroker(arena, random);
    case 'one-of-three':
      return strikeOneOfThree(arena, random);
    case 'postgres':
      return killPostgres(arena, random);
    case 'members':
      return comeAndGo(arena, random);
    case 'cut':
      return cut(arena, random);
  }
}

const did = (what: string): Struck => ({ what, faults: [] });
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

async function killed(member: Member, random: Random): Promise<Struck> {
  const away = random.int(0, 4000);
  await member.kill();
  await sleep(away);
  await member.start();
  return did(`kill -9 ${member.name}, started again after ${seconds(away)}`);
}

/** Mostly the one that leads: the other must lead soon. */
async function killRelay(arena: ChaosCluster, random: Random): Promise<Struck> {
  const relays = arena.of('relay');
  const leads = await Promise.all(relays.map((relay) => relay.metric('claimline_relay_leads')));
  const leader = relays[leads.indexOf(1)];
  if (!leader || random.chance(0.15))
    return killed(random.pick(relays.filter((relay) => relay !== leader)), random);
  const begin = Date.now();
  await leader.kill();
  const away = random.int(0, 3000);
  await sleep(away);
  await leader.start();
  const takeOverMs = await takeOver(relays, begin);
  const faults =
    takeOverMs === undefined || takeOverMs > TAKE_OVER_LIMIT_MS
      ? [
          `the leading relay was killed, and another led ${takeOverMs === undefined ? 'never' : `after ${takeOverMs} ms`}`,
        ]
      : [];
  return {
    what: `kill -9 ${leader.name}, which led, started again after ${seconds(away)}; another led after ${takeOverMs} ms`,
    faults,
    takeOverMs,
  };
}

/** How long it took until one of them led, as they say themselves; undefined where none does. */
async function takeOver(relays: readonly Member[], begin: number): Promise<number | undefined> {
  for (const deadline = begin + 4 * TAKE_OVER_LIMIT_MS; Date.now() < deadline; await sleep(50)) {
    const led = relays
      .flatMap((relay) => relay.lastSaid('this relay leads') ?? [])
      .filter((at) => at >= begin);
    if (led.length > 0) return Math.min(...led) - begin;
  }
  return undefined;
}

async function killBroker(arena: ChaosCluster, random: Random): Promise<Struck> {
  const broker = random.pick(arena.brokers);
  const away = random.int(0, 4000);
  await broker.kill();
  await sleep(away);
  const begin = performance.now();
  await broker.start();
  return did(
    `kill -9 the broker, started again after ${seconds(away)}, up in ${seconds(performance.now() - begin)}`,
  );
}

async function strikeOneOfThree(arena: ChaosCluster, random: Random): Promise<Struck> {
  const broker = random.pick(arena.brokers);
  const how = random.chance(0.5) ? 'kill' : 'stop';
  const away = random.int(2000, 8000);
  await broker[how]();
  await sleep(away);
  await broker.start();
  return did(
    `${how === 'kill' ? 'kill -9' : 'SIGTERM to'} broker ${broker.id} of three, started again after ${seconds(away)}`,
  );
}

/** It is started again on its port at once; now and then it is killed again while it recovers. */
async function killPostgres(arena: ChaosCluster, random: Random): Promise<Struck> {
  const { postgres } = arena;
  const times = random.chance(0.3) ? 2 : 1;
  for (let left = times; left > 0; left--) {
    const { pid } = postgres;
    process.kill(pid, 'SIGKILL');
    while (postgres.pid === pid) await sleep(10);
    if (left > 1) await sleep(random.int(0, 500));
  }
  return did(`kill -9 PostgreSQL${times > 1 ? ', twice' : ''}`);
}

/** Two join, and two others (or the same) leave: the group shares the partitions out again each time. */
async function comeAndGo(arena: ChaosCluster, random: Random): Promise<Struck> {
  const part: Part = random.chance(0.75) ? 'projector' : 'recorder';
  const said: string[] = [];
  for (let left = 2; left > 0; left--) {
    const joining = arena.engage(part);
    await joining.start();
    await sleep(random.int(0, 1500));
    const leaving = random.pick(arena.of(part));
    await leaving.stop();
    said.push(`${joining.name} joined, ${leaving.name} left`);
    await sleep(random.int(0, 1000));
  }
  return did(said.join(', '));
}

async function cut(arena: ChaosCluster, random: Random): Promise<Struck> {
  const length = random.int(1000, 8000);
  const stalled = random.chance(0.5);
  for (const proxy of arena.proxies) {
    if (stalled) proxy.stall();
    else await proxy.cut();
  }
  await sleep(length);
  for (const proxy of arena.proxies) await proxy.mend();
  return did(`the connection between relays and broker ${stalled ? 'dead' : 'cut'} for ${seconds(length)}`);
}
