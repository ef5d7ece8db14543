import { expect, test } from '@jest/globals';
import { createLogger, NestLogs } from '../src/logs.js';

function collect(level: 'info' | 'debug') {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger(level, {
    write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  return { lines, logger };
}

test('one JSON object a line, from the given level on', () => {
  const { lines, logger } = collect('info');
  logger.debug('hidden');
  logger.info({ shard: 3 }, 'seen');
  expect(lines).toEqual([
    { level: 30, time: expect.stringMatching(/Z$/), pid: process.pid, shard: 3, msg: 'seen' },
  ]);
});

test("Nest's calls keep context, stack and errors", () => {
  const { lines, logger } = collect('debug');
  const nest = new NestLogs(logger);
  nest.log('started', 'NestFactory');
  nest.error('broken', 'Error: at x', 'Handler');
  nest.fatal(new Error('the end'));
  nest.warn({ left: 2 }, 'Relay');
  expect(lines).toMatchObject([
    { level: 30, msg: 'started', context: 'NestFactory' },
    { level: 50, msg: 'broken', stack: 'Error: at x', context: 'Handler' },
    { level: 60, msg: 'the end', err: { message: 'the end', stack: expect.stringContaining('logs.test') } },
    { level: 40, value: { left: 2 }, context: 'Relay' },
  ]);
});
