import { resolve } from 'node:path';
import { EventStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { npmTree } from '../../support/npm.js';
import type { Database, Ground } from '../ground.js';
import { SHARDS } from '../statements.js';
import { emmett } from './emmett.js';
import { messageDb } from './message-db.js';
import { CONNECTIONS, type OpenPeer, type Peer } from './peer.js';

export type PeerName = 'Emmett' | 'message-db';

export interface Stores {
  /** Uses our store on a new database, or on a copy of one. */
  ours<T>(use: (store: EventStore, database: Database) => Promise<T>, source?: Database): Promise<T>;
  /** Uses a peer on a new database. */
  theirs<T>(name: PeerName, use: (peer: OpenPeer, database: Database) => Promise<T>): Promise<T>;
  drop(): Promise<void>;
}

/** @throws Error where the peers are not there and cannot be installed */
export async function prepareStores(ground: Ground): Promise<Stores> {
  const tree = await npmTree(resolve('tests/bench/peers/npm')).catch((error: unknown) => {
    throw new Error('the peers of tests/bench/peers/npm cannot be installed', { cause: error });
  });
  const peers: Record<PeerName, Peer> = { Emmett: emmett(tree), 'message-db': messageDb(tree) };
  const installed = async (name: PeerName) => {
    const database = await ground.database('template0');
    await peers[name].install(database.url);
    return database;
  };
  const schemas = { Emmett: await installed('Emmett'), 'message-db': await installed('message-db') };
  return {
    async ours(use, source) {
      const database = await ground.database(source?.name);
      const pool = createPool(database.url, { max: CONNECTIONS });
      const result = await use(await EventStore.open(pool, { shards: SHARDS }), database);
      await pool.end();
      await database.drop();
      return result;
    },
    async theirs(name, use) {
      const database = await ground.database(schemas[name].name);
      const peer = await peers[name].open(database.url);
      const result = await use(peer, database);
      await peer.close();
      await database.drop();
      return result;
    },
    async drop() {
      for (const database of Object.values(schemas)) await database.drop();
    },
  };
}
