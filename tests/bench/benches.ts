import { appendBatches } from './append-batches.js';
import { appendSingles } from './append-singles.js';
import type { Figure } from './figure.js';
import type { Ground } from './ground.js';
import { growth, large } from './growth/growth.js';
import { httpGet } from './http-get.js';
import { httpPost } from './http-post.js';
import { keys } from './keys.js';
import { kafkaLarge } from './kafka/large.js';
import { kafkaProjectors } from './kafka/projectors.js';
import { kafkaRecord } from './kafka/record.js';
import { kafkaRelay } from './kafka/relay.js';
import { scale } from './kafka/scale.js';
import { kafkaVisible } from './kafka/visible.js';

import { loop } from './loop/loop.js';
import { page } from './page/page.js';
import { peers } from './peers/peers.js';
import { projectLive, projectSpread } from './project-live.js';
import { projectLong } from './project-long.js';
import { readLog } from './read-log.js';
import { replayLarge } from './replay/large.js';
import { past } from './replay/past.js';
import { reading } from './replay/reading.js';
import { rebuilt } from './replay/rebuilt.js';
import { streamed } from './replay/streamed.js';
import { verified } from './replay/verified.js';
import { statementCpu } from './statement-cpu.js';
import { streams } from './streams.js';
import { visible } from './visible.js';

type Measure = (ground: Ground) => Promise<Figure[]>;

/**
 * By the section that each has in docs/performance.md or docs/scaling.md. Without a name those of `bench` run: `kafka` needs Java, `peers`
 * installs packages, and the others take long.
 */
export const BENCHES: Record<string, Record<string, Measure>> = {
  bench: {
    'statement-cpu': statementCpu,
    'append-batches': appendBatches,
    'append-singles': appendSingles,
    'read-log': readLog,
    'http-post': httpPost,
    'http-get': httpGet,
    'project-live': projectLive,
    'project-long': projectLong,
    'project-spread': projectSpread,
    visible,
    streams,
  },
  kafka: {
    'kafka-record': kafkaRecord,
    'kafka-relay': kafkaRelay,
    'kafka-visible': kafkaVisible,
    'kafka-projectors': kafkaProjectors,
  },
  replay: {
    'replay-rebuild': rebuilt,
    'replay-verify': verified,
    'replay-http': streamed,
    'replay-past': past,
    'replay-reading': reading,
  },
  page: { page },
  peers: { peers },
  loop: { loop },
  keys: { keys },
  large: { large },
  growth: { growth },
  scale: { scale },
  'replay-large': { 'replay-large': replayLarge },
  'kafka-large': { 'kafka-large': kafkaLarge },
};

export interface Chosen {
  section: string;
  name: string;
  measure: Measure;
}

/** The benches of names: of one, or of all with a section. @throws Error that says which there are */
export function chosen(names: readonly string[]): Chosen[] {
  const all = Object.entries(BENCHES).flatMap(([section, of]) =>
    Object.entries(of).map(([name, measure]) => ({ section, name, measure })),
  );
  return (names.length > 0 ? names : ['bench']).flatMap((wanted) => {
    const found = all.filter(({ section, name }) => name === wanted || section === wanted);
    if (found.length === 0)
      throw new Error(
        `there is no bench ${wanted}; there are: ${all.map(({ name }) => name).join(', ')}, and all of kafka or replay`,
      );
    return found;
  });
}
