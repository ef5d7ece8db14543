import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './kafka/ports.js';
import { pathOfProgram } from './system-programs.js';

/** A running nginx. */
export interface NginxProxy {
  url: string;
  stop(): Promise<void>;
}

/** nginx with what goes into its `server` block, as Debian sets it up otherwise: 1 MB bodies, all buffers on. */
export async function startNginx(locations: string): Promise<NginxProxy> {
  const folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'nginx-'));
  mkdirSync(join(folder, 'temp'));
  const port = await freePort();
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/temp/${kind};`)
    .join('\n');
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
     events {}
     http { access_log off; ${temp} server { listen 127.0.0.1:${port}; ${locations} } }`,
  );
  const nginx: ChildProcess = spawn(
    pathOfProgram('nginx')!,
    ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}`;
  for (const deadline = Date.now() + 30_000; ; await sleep(20)) {
    if (await fetch(url).catch(() => undefined)) break;
    if (Date.now() > deadline || nginx.exitCode !== null)
      throw new Error(`nginx does not serve: ${readFileSync(join(folder, 'error.log'), 'utf8')}`);
  }
  return {
    url: `${url}/claimline`,
    async stop() {
      const ended = once(nginx, 'exit');
      nginx.kill('SIGTERM');
      await ended;
    },
  };
}
