import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { whyNoBroker } from './available.js';
import { BrokerProcess, type Program } from './broker.js';
import { kafkaJars } from './jars.js';
import { javaVersion } from './java.js';
import { killBrokersAfter } from './kill-brokers-after.js';
import { nodeProperties } from './node-properties.js';
import { freePort } from './ports.js';

/**
 * What brokers here are run with. Made at the first time: the jars are fetched, and the JVM writes down the classes of
 * Kafka as it has loaded and checked them (class data sharing), with which a broker is up in half the time.
 * @throws Error that says what is missing
 */
export async function kafkaProgram(heapMb = 512): Promise<Program> {
  const reason = whyNoBroker();
  if (reason !== undefined) throw new Error(`Kafka cannot be started: ${reason}`);
  const jars = await kafkaJars();
  // A JVM takes no archive of another one.
  const archive = join(jars, `classes-java-${javaVersion()}.jsa`);
  if (!existsSync(archive)) await writeArchive(jars, archive);
  return {
    jars,
    jvmFlags: [...flags(heapMb), ...(existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : [])],
  };
}

// The quick compiler alone: its broker takes the 55,000 messages a second that kafkajs sends as well as the other's.
const flags = (heapMb: number) => [
  `-Xmx${heapMb}m`,
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:-UsePerfData',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
];

/** A JVM writes its archive as it ends: a broker runs for that, for a moment. */
async function writeArchive(jars: string, archive: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'claimline-kafka-'));
  const draft = `${archive}.${basename(folder)}`;
  const place = { id: 1, port: await freePort(), controllerPort: await freePort() };
  writeFileSync(
    join(folder, 'broker-1.properties'),
    nodeProperties(place, [place], join(folder, 'broker-1'), {}),
  );
  const program = { jars, jvmFlags: [...flags(512), '-Xlog:disable'] };
  const letGo = killBrokersAfter(folder);
  try {
    await new BrokerProcess(place, folder, program).format('AAAAAAAAAAAAAAAAAAAAAQ');
    const broker = new BrokerProcess(place, folder, {
      ...program,
      jvmFlags: [...program.jvmFlags, `-XX:ArchiveClassesAtExit=${draft}`],
    });
    await broker.start();
    // Writing takes 3 s, and much longer beside others.
    await broker.stop(120_000);
    if (existsSync(draft)) renameSync(draft, archive);
  } finally {
    await letGo();
    rmSync(folder, { recursive: true, force: true });
    rmSync(draft, { force: true });
  }
}
