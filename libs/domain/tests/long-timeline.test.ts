import { expect, it } from '@jest/globals';
import { Log, stateOf } from './story.js';

it('what a speaker takes back sets nothing aside for good, however much the speaker has said since', () => {
  const log = new Log();
  const first = log.claim({
    party: 'russia',
    predicate: 'captured',
    actor: 'russia',
    statedAt: '2025-11-01',
  });
  const second = log.claim({
    party: 'russia',
    predicate: 'captured',
    actor: 'russia',
    statedAt: '2025-11-02',
  });
  for (let at = 0; at < 300; at++)
    log.claim({
      party: 'russia',
      predicate: 'encircled',
      actor: 'russia',
      outlet: `${at}.example`,
      statedAt: '2025-11-03',
    });
  log.retract(second, 'russia', '2025-11-05');
  const { status, control } = stateOf(log.events);
  expect({ status, assertedBy: control[0]?.assertedBy.map(({ eventId }) => eventId) }).toEqual({
    status: 'claimed',
    assertedBy: [first.eventId],
  });
});
