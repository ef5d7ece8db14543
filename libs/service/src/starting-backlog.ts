/** For each shard, a position. */
type Token = ReadonlyMap<number, number>;

export interface BacklogSources {
  /** The present heads of the log. */
  heads(): Promise<Token>;
  /** The positions that the read models have reached. */
  checkpoints(): Promise<Token>;
}

/** The events that the log had at the start: a process is ready when the read models have them all, and not before. */
export class StartingBacklog {
  private target: Token | undefined;
  private isDone = false;

  constructor(private readonly sources: BacklogSources) {
    // While the database is away nothing is ready, and the first answer of it counts as the start.
    this.begin().catch(() => {});
  }

  /** How many of them are left; undefined once there are none. @throws where the database is away */
  async problem(): Promise<string | undefined> {
    if (this.isDone) return undefined;
    const target = this.target ?? (await this.begin());
    const reached = await this.sources.checkpoints();
    const left = [...target].reduce(
      (sum, [shard, position]) => sum + Math.max(0, position - (reached.get(shard) ?? 0)),
      0,
    );
    this.isDone = left === 0;
    return this.isDone ? undefined : `${left} events that the log had at the start are not projected yet`;
  }

  private async begin(): Promise<Token> {
    const heads = await this.sources.heads();
    return (this.target ??= heads);
  }
}
