import type { Epochs, Token } from '#libs/domain';
import type { Head } from '../rows/heads.js';
import type { Observation } from './reconcile.js';

/** How many links of each shard are kept: where the log has gone back, the last one that is still in it shows how far. */
const MAX_LINKS = 16;

/** A head that was read, or only its position. */
export type SeenHead = Readonly<Pick<Head, 'shard' | 'position'> & Partial<Pick<Head, 'chain'>>>;

interface Link {
  position: number;
  chain: string;
}

/**
 * What this process has seen of the log: for each shard the position that it has reached, and some links of its chain. It
 * outlives the connections to the database, behind which another server, or an older copy, may come up.
 */
export class SeenLog {
  private readonly reached = new Map<number, number>();
  private readonly links = new Map<number, Link[]>();
  private readonly compared = new Map<number, number>();

  /** The positions, by shard. */
  get positions(): Token {
    return this.reached;
  }

  see(heads: Iterable<SeenHead>): void {
    for (const { shard, position, chain } of heads) {
      this.reached.set(shard, Math.max(position, this.reached.get(shard) ?? 0));
      if (chain === undefined || position === 0) continue;
      const links = this.links.get(shard) ?? [];
      if ((links.at(-1)?.position ?? 0) >= position) continue;
      links.push({ position, chain });
      // The oldest stays, and of the others every second one goes.
      if (links.length > MAX_LINKS)
        this.links.set(
          shard,
          links.filter((_, at) => at === 0 || at % 2 === 1 || at === links.length - 1),
        );
      else this.links.set(shard, links);
    }
  }

  /** All of it, as seen in an epoch. */
  observations(epoch: number): Observation[] {
    return [
      ...[...this.reached]
        .filter(([, position]) => position > 0)
        .map(([shard, position]) => ({ epoch, shard, position })),
      ...[...this.links].flatMap(([shard, links]) => links.map((link) => ({ epoch, shard, ...link }))),
    ];
  }

  /** The links that were not compared with the log yet, and the last one that was, as seen in an epoch. */
  unconfirmed(epoch: number): Observation[] {
    return [...this.links].flatMap(([shard, links]) => {
      const compared = this.compared.get(shard) ?? 0;
      return links.filter(({ position }) => position >= compared).map((link) => ({ epoch, shard, ...link }));
    });
  }

  /** All links were compared with the log. */
  confirmed(): void {
    for (const [shard, links] of this.links) this.compared.set(shard, links.at(-1)?.position ?? 0);
  }

  /** Forgets what the log has lost. @param epoch in which all was seen */
  forget(epochs: Epochs, epoch: number): void {
    for (const [shard, position] of this.reached) {
      const cut = epochs.cut(epoch, shard);
      if (position <= cut) continue;
      this.reached.set(shard, cut);
      this.links.set(
        shard,
        (this.links.get(shard) ?? []).filter((link) => link.position <= cut),
      );
    }
  }
}
