import { EpochChanged, readEvents, type Target } from '#libs/client';
import { parseToken, type Token } from '#libs/domain';

/** Who follows the log and is told where it has gone back; it then does what docs/operations.md says. */
export interface Follower {
  readonly name: string;
  /** How often it was told. */
  readonly told: number;
  /** What it has of the log now, without what it was told to forget: the ids of statements. */
  statements(): Set<string>;
  readonly fault: string | undefined;
}

/** A reader of `libs/client`, over HTTP or of the events topic. */
export class EventFollower implements Follower {
  told = 0;
  fault: string | undefined;
  /** By `shard:position`. */
  private readonly events = new Map<
    string,
    { shard: number; position: number; statementId: string | null }
  >();

  constructor(
    readonly name: string,
    private readonly target: () => Promise<Target>,
    signal: AbortSignal,
  ) {
    void this.run(signal).catch((error: unknown) => (this.fault = `${name}: ${(error as Error).stack}`));
  }

  statements(): Set<string> {
    return new Set([...this.events.values()].flatMap(({ statementId }) => statementId ?? []));
  }

  private async run(signal: AbortSignal): Promise<void> {
    for (let after = ''; !signal.aborted;)
      try {
        const target = await this.target();
        const options = { ...target, after, signal, pollMs: 50, longestRestMs: 300 };
        for await (const { shard, position, statementId = null } of readEvents(options))
          this.events.set(`${shard}:${position}`, { shard, position, statementId });
      } catch (error) {
        if (!(error instanceof EpochChanged)) throw error;
        this.told += 1;
        after = error.token;
        this.forget(parseToken(after)!);
      }
  }

  private forget(token: Token): void {
    for (const [key, { shard, position }] of this.events)
      if (position > (token.get(shard) ?? 0)) this.events.delete(key);
  }
}

/** The live stream, as a page reads it. It does not know which claims it has to forget, only that it must miss none. */
export class StreamFollower implements Follower {
  readonly name = 'the live stream';
  told = 0;
  fault: string | undefined;
  private readonly claims = new Set<string>();
  private after = '0:0';

  constructor(
    private readonly url: () => Promise<string>,
    signal: AbortSignal,
  ) {
    void this.run(signal);
  }

  statements(): Set<string> {
    return this.claims;
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.read(signal).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  private async read(signal: AbortSignal): Promise<void> {
    const answer = await fetch(`${await this.url()}/v1/stream?after=${this.after}`, { signal });
    if (!answer.ok) return this.problem(await answer.text());
    let rest = '';
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop()!;
      for (const part of parts) {
        const { id, event, data } = Object.fromEntries(
          part.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)),
        ) as Record<'id' | 'event' | 'data', string | undefined>;
        if (event === 'problem') return this.problem(data!);
        if (event === 'claim') this.claims.add((JSON.parse(data!) as { statementId: string }).statementId);
        this.after = id ?? this.after;
      }
    }
  }

  private problem(text: string): void {
    const { type, token, status } = JSON.parse(text) as { type: string; token?: string; status: number };
    if (type.endsWith(':epoch-changed')) {
      this.told += 1;
      this.after = token!;
    } else if (status < 500) this.fault = `${this.name} was refused: ${text}`;
  }
}
