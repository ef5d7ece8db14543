import { setTimeout as sleep } from 'node:timers/promises';

export interface Reply {
  status: number;
  body: unknown;
}

/** Asks until it is answered: what does not get through, or meets a service that cannot (5xx), is sent again. */
export class Caller {
  retries = 0;

  constructor(
    /** Where the service is, as soon as it is anywhere. */
    private readonly base: () => Promise<string>,
    private readonly timeoutMs = 120_000,
  ) {}

  json(method: string, path: string, body?: unknown): Promise<Reply> {
    return this.again(`${method} ${path}`, async (base) => {
      const response = await fetch(`${base}${path}`, {
        method,
        ...(body !== undefined && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
        signal: AbortSignal.timeout(45_000),
      });
      const text = await response.text();
      if (response.status >= 500) throw new Error(`${response.status} ${text.slice(0, 300)}`);
      return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    });
  }

  /**
   * Sends lines, and reads the answer's lines while they come.
   * @param onLine called with each line, again after a break; throws where the whole must be sent again
   */
  async lines(path: string, items: readonly unknown[], onLine: (line: unknown) => void): Promise<void> {
    await this.again(path, async (base) => {
      const response = await fetch(`${base}${path}`, {
        method: 'POST',
        body: items.map((item) => `${JSON.stringify(item)}\n`).join(''),
        headers: { 'content-type': 'application/x-ndjson' },
        signal: AbortSignal.timeout(60_000),
      });
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
      let rest = '';
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop()!;
        for (const line of lines) onLine(JSON.parse(line));
      }
      if (rest !== '') throw new Error('the answer broke off');
    });
  }

  private async again<T>(what: string, attempt: (base: string) => Promise<T>): Promise<T> {
    const deadline = Date.now() + this.timeoutMs;
    for (;;) {
      try {
        return await attempt(await this.base());
      } catch (error) {
        this.retries += 1;
        const { message, cause } = error as Error;
        if (Date.now() > deadline)
          throw new Error(
            `no answer to ${what} for ${this.timeoutMs / 1000} s, at last: ${message} ${cause instanceof Error ? cause.message : ''}`,
          );
        await sleep(20 + Math.random() * 80);
      }
    }
  }
}
