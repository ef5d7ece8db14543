import progress, { type GenericFormatter } from 'cli-progress';

export interface ProgressBar {
  /** @param total where it is known; `unit` where it has changed */
  update(done: number, total?: number, unit?: string): void;
  /** Writes a line of the result to standard output, which may be the terminal of the bar. */
  say(line: string): void;
  end(): void;
}

const PLAIN_INTERVAL_MS = 2000;
const CLEARED = '\r\u001b[K';

/** A bar on a terminal, a plain line every two seconds otherwise; on standard error, so that results can be piped. */
export function progressBar(what: string, unit: string): ProgressBar {
  const started = Date.now();
  const rate = (done: number) => Math.round(done / Math.max(0.001, (Date.now() - started) / 1000));
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  if (process.stderr.isTTY) {
    // The verb ends the bar, however it ends itself: the bar need not listen for signals.
    const bar = new progress.SingleBar(
      {
        format: formatOf(what),
        stream: process.stderr,
        hideCursor: true,
        gracefulExit: false,
        etaBuffer: 200,
      },
      progress.Presets.shades_classic,
    );
    bar.start(0, 0, { rate: 0, unit });
    return {
      update(done, total, now = unit) {
        if (total !== undefined) bar.setTotal(total);
        bar.update(done, { rate: rate(done), unit: now });
      },
      say(line) {
        if (process.stdout.isTTY) process.stderr.write(CLEARED);
        say(line);
      },
      end: () => bar.stop(),
    };
  }
  let said = started;
  return {
    update(done, total, now = unit) {
      if (Date.now() - said < PLAIN_INTERVAL_MS) return;
      said = Date.now();
      process.stderr.write(
        `${what}: ${done}${total === undefined ? '' : ` of ${total}`} ${now}, ${rate(done)}/s\n`,
      );
    },
    say,
    end() {},
  };
}

/** Without a known total there is no bar to draw. */
const formatOf =
  (what: string): GenericFormatter =>
  (options, params, payload) => {
    const format =
      params.total > 0
        ? `${what} {bar} {value}/{total} {unit}, {rate}/s, {eta_formatted} left`
        : `${what} {value} {unit}, {rate}/s`;
    return progress.Format.Formatter({ ...options, format }, params, payload as object);
  };
