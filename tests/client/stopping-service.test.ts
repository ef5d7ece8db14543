import { expect, test } from '@jest/globals';
import { startRunning } from '../api/running.js';

test('a service that stops in the midst of an answer says so, and not that it is whole', async () => {
  const running = await startRunning();
  const first = (await running.record({ statedAt: '2025-11-20' })).json;
  for (let recordedAt = first.recordedAt; recordedAt === first.recordedAt;)
    ({ recordedAt } = (
      await running.record({ statedAt: '2025-11-21', speaker: { name: `At ${recordedAt}`, party: 'russia' } })
    ).json);
  // The events after the first are due in hours.
  const answer = await fetch(`${running.url}/v1/events?speed=0.000001x`, {
    headers: { accept: 'application/x-ndjson; end=token' },
  });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let { done, value: text = '' } = await reader.read();
  const stopped = running.stop();
  for (let value: string | undefined; !done; text += value ?? '') ({ done, value } = await reader.read());
  await stopped;
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toMatchObject([
    { eventId: first.eventId },
    { problem: { type: 'urn:claimline:problem:stopping', status: 503 } },
  ]);
});

test('a whole answer ends with its token only where that is asked for', async () => {
  const running = await startRunning();
  await running.record();
  const { text, headers } = await running.get('/v1/events', { accept: 'application/x-ndjson; end=token' });
  const plain = await running.get('/v1/events', { accept: 'application/x-ndjson' });
  expect(text).toBe(`${plain.text}${JSON.stringify({ token: headers.get('replay-to') })}\n`);
  await running.stop();
});
