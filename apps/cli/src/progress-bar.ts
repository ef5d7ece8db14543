import { Presets, SingleBar } from 'cli-progress';

export interface ProgressBar {
  /** @param total where it is known; `unit` where it is another than before */
  update(done: number, total?: number, unit?: string): void;
  end(): void;
}

const PLAIN_EVERY = 2000;

/** A bar on a terminal, a plain line every two seconds otherwise; on standard error, so that results can be piped. */
export function progressBar(what: string, unit: string): ProgressBar {
  const started = Date.now();
  const rate = (done: number) => Math.round(done / Math.max(0.001, (Date.now() - started) / 1000));
  if (process.stderr.isTTY) {
    const bar = new SingleBar({ format: `${what} {bar} {value}/{total} {unit}, {rate}/s, {eta_formatted} left`, stream: process.stderr, hideCursor: true }, Presets.shades_classic);
    bar.start(0, 0, { rate: 0, unit });
    return {
      update(done, total, now = unit) {
        if (total !== undefined) bar.setTotal(total);
        bar.update(done, { rate: rate(done), unit: now });
      },
      end: () => bar.stop(),
    };
  }
  let said = started;
  return {
    update(done, total, now = unit) {
      if (Date.now() - said < PLAIN_EVERY) return;
      said = Date.now();
      process.stderr.write(`${what}: ${done}${total === undefined ? '' : ` of ${total}`} ${now}, ${rate(done)}/s\n`);
    },
    end() {},
  };
}
