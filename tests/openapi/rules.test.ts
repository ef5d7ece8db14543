import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import spectralCore from '@stoplight/spectral-core';
import { oas } from '@stoplight/spectral-rulesets';
import { startRunning, type Running } from '../api/running.js';

let running: Running;
let text: string;

beforeAll(async () => {
  running = await startRunning();
  ({ text } = await running.get('/openapi.json'));
});
afterAll(() => running.stop());

/** What @redocly/cli finds by its recommended rules, warnings too. It asks nobody and reports to nobody. */
async function redocly(document: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'claimline-redocly-'));
  try {
    const file = join(folder, 'openapi.json');
    await writeFile(file, document);
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const args = [
      'node_modules/@redocly/cli/bin/cli.js',
      'lint',
      file,
      '--extends',
      'recommended',
      '--format',
      'json',
      '--max-problems',
      '1000',
    ];
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) =>
      execFile(process.execPath, args, { env, maxBuffer: 1e8 }, (_error, stdout, stderr) =>
        resolve({ stdout, stderr }),
      ),
    );
    if (!stdout.startsWith('{')) throw new Error(`${stdout}${stderr}`);
    const { problems } = JSON.parse(stdout) as {
      problems: { ruleId: string; severity: string; message: string; location: { pointer?: string }[] }[];
    };
    return problems.map(
      ({ ruleId, severity, message, location }) =>
        `${severity} ${ruleId} ${location[0]?.pointer ?? ''} ${message}`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What Spectral finds by its recommended rules for OpenAPI, warnings too. */
async function spectral(document: string): Promise<string[]> {
  const linter = new spectralCore.Spectral();
  linter.setRuleset({ extends: [[oas as never, 'recommended']] });
  return (await linter.run(document)).map(
    ({ code, path, message }) => `${code} ${path.join('.')} ${message}`,
  );
}

describe('/openapi.json', () => {
  test('passes the recommended rules of @redocly/cli', async () => expect(await redocly(text)).toEqual([]));

  test('passes the recommended rules of Spectral', async () => expect(await spectral(text)).toEqual([]));

  test('would not pass them with a fault in it', async () => {
    const faulty = JSON.stringify({
      ...(JSON.parse(text) as object),
      servers: undefined,
      tags: [],
      paths: { '/a/{b}': { get: { responses: {} } } },
    });
    expect((await redocly(faulty)).length).toBeGreaterThan(0);
    expect((await spectral(faulty)).length).toBeGreaterThan(0);
  });
});
