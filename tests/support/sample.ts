import { readFileSync } from 'node:fs';
import { type Running, startRunning } from '../api/running.js';

const SAMPLE = 'examples/kupiansk-2025-11';

/** The whole service with the sample about Kupiansk, projected. */
export async function startWithSample(env: Record<string, string> = {}): Promise<Running> {
  const running = await startRunning({ GAZETTEER_FILE: `${SAMPLE}/gazetteer.ndjson`, ...env });
  await recordSample(running.url);
  return running;
}

/** Records the sample by HTTP and waits until it is projected. */
export async function recordSample(url: string): Promise<void> {
  const recorded = await fetch(`${url}/v1/statements`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: readFileSync(`${SAMPLE}/statements.ndjson`, 'utf8'),
  });
  const { token, refused } = JSON.parse((await recorded.text()).trimEnd().split('\n').at(-1)!) as {
    token: string;
    refused: number;
  };
  if (refused > 0) throw new Error('the sample was refused');
  await fetch(`${url}/v1/locations?after=${token}&wait=30000`);
}
