import { describe, expect, it } from '@jest/globals';
import { content, Log, stateOf, stateAfter } from './story.js';

// docs/domain.md, "Worked examples", by their numbers.
describe('worked examples', () => {
  const kupyansk = [
    { party: 'dnr', name: 'Igor Kimakovski', predicate: 'captured', actor: 'russia', statedAt: '2025-11-20' },
    {
      party: 'russia',
      name: 'Valery Gerasimov',
      predicate: 'captured',
      actor: 'russia',
      statedAt: '2025-11-20',
    },
    {
      party: 'ukraine',
      name: 'Ukrainian military',
      stance: 'deny',
      predicate: 'lost',
      actor: 'ukraine',
      statedAt: '2025-11-21',
    },
  ] as const;

  it('1: two sides each claim Kupyansk', () => {
    expect(stateAfter(...kupyansk)).toMatchObject({
      status: 'contested',
      rule: 'contested/two-holders',
      holders: { russia: 'claimed', ukraine: 'claimed' },
      since: '2025-11-21T00:00:00.000Z',
    });
    // The DNR and Russia are one side: no corroboration.
    expect(stateAfter(kupyansk[0], kupyansk[1])).toMatchObject({
      status: 'claimed',
      since: '2025-11-20T00:00:00.000Z',
    });
  });

  it('2: how much of Volchansk', () => {
    const gerasimov = {
      party: 'russia',
      name: 'Valery Gerasimov',
      predicate: 'controls',
      actor: 'russia',
      extent: { op: '>', percent: 80 },
      statedAt: '2025-11-20',
    };
    const claimed = stateAfter(gerasimov);
    expect(claimed).toMatchObject({ status: 'claimed', flagNames: ['partial'] });
    expect(claimed.control[0]!.extent).toEqual({ op: '>', percent: 80 });
    const disputed = stateAfter(gerasimov, {
      party: 'ukraine',
      stance: 'deny',
      predicate: 'controls',
      actor: 'russia',
      extent: { op: '=', percent: 80 },
      statedAt: '2025-11-21',
    });
    expect(disputed).toMatchObject({ status: 'contested', rule: 'contested/one-disputed' });
    expect(disputed.flagNames).toContain('extentDisputed');
  });

  it('3: fighting alone claims nothing', () => {
    expect(
      stateAfter({ outlet: 'example.org', predicate: 'fighting', statedAt: '2025-11-21' }),
    ).toMatchObject({ status: 'unclaimed', flagNames: ['fighting'] });
  });

  it('4: an encirclement of a place that no gazetteer knows', () => {
    const state = stateAfter({
      party: 'dnr',
      predicate: 'encircled',
      actor: 'russia',
      statedAt: '2025-11-21',
    });
    expect(state.status).toBe('unclaimed');
    expect(state.flags).toMatchObject([
      { flag: 'encirclement', holder: 'russia', assertedBy: ['russia'] },
      { flag: 'provisional' },
    ]);
  });

  it('5: Siversk, contested until Ukraine says that it withdrew', () => {
    const claims = [
      { party: 'russia', predicate: 'captured', actor: 'russia', statedAt: '2025-12-11' },
      { party: 'ukraine', stance: 'deny', predicate: 'captured', actor: 'russia', statedAt: '2025-12-12' },
    ] as const;
    expect(stateAfter(...claims).status).toBe('contested');
    const after = stateAfter(...claims, {
      party: 'ukraine',
      predicate: 'withdrew',
      actor: 'ukraine',
      statedAt: '2025-12-23',
    });
    expect(after).toMatchObject({
      status: 'conceded',
      rule: 'conceded/adversary-conceded',
      holders: { russia: 'conceded', ukraine: 'withdrawn' },
    });
    expect(after.control[0]!.concededBy).toMatchObject([{ side: 'ukraine' }]);
  });

  it('6: Hama, given up and then taken', () => {
    const denies = {
      party: 'government',
      stance: 'deny',
      predicate: 'withdrew',
      actor: 'government',
      statedAt: '2024-11-30',
    } as const;
    const withdrew = {
      party: 'government',
      predicate: 'withdrew',
      actor: 'government',
      statedAt: '2024-12-05',
    };
    expect(stateAfter(denies)).toMatchObject({ status: 'claimed', holders: { government: 'claimed' } });
    expect(stateAfter(denies, withdrew).status).toBe('relinquished');
    expect(
      stateAfter(denies, withdrew, {
        party: 'opposition',
        predicate: 'captured',
        actor: 'opposition',
        statedAt: '2024-12-05T18:00:00Z',
      }),
    ).toMatchObject({ status: 'conceded', holders: { opposition: 'conceded', government: 'withdrawn' } });
  });

  it('7: Soledar, one side that disagrees with itself', () => {
    const state = stateAfter(
      { party: 'wagner', predicate: 'controls', actor: 'wagner', statedAt: '2023-01-10' },
      { party: 'russia', stance: 'deny', predicate: 'controls', actor: 'wagner', statedAt: '2023-01-11' },
      { party: 'ukraine', stance: 'deny', predicate: 'controls', actor: 'wagner', statedAt: '2023-01-11' },
    );
    expect(state).toMatchObject({
      status: 'contested',
      flagNames: ['splitSide'],
      holders: { russia: 'disputed' },
    });
    expect(state.control[0]!.actors).toEqual(['wagner']);
  });

  it('8: Uvira, a withdrawal announced, asserted and denied', () => {
    const will = {
      party: 'm23',
      predicate: 'withdrew',
      actor: 'm23',
      modality: 'intended',
      statedAt: '2025-12-15',
    };
    // The ruleset is of another war.
    expect(stateAfter(will)).toMatchObject({ status: 'unclaimed', flagNames: ['hinted', 'unknownParty'] });
    const state = stateAfter(
      will,
      { party: 'm23', predicate: 'withdrew', actor: 'm23', statedAt: '2025-12-17' },
      { party: 'drc', stance: 'deny', predicate: 'withdrew', actor: 'm23', statedAt: '2025-12-18' },
    );
    expect(state).toMatchObject({ status: 'contested', flagNames: ['unknownParty', 'withdrawalDisputed'] });
  });

  it('9: a denial may arrive before the claim it denies, stated earlier or later', () => {
    const denial = {
      party: 'ukraine',
      stance: 'deny',
      predicate: 'captured',
      actor: 'russia',
      statedAt: '2025-11-21',
    } as const;
    expect(stateAfter(denial).status).toBe('denied');
    for (const statedAt of ['2025-11-20', '2025-11-22'])
      expect(
        stateAfter(denial, { party: 'russia', predicate: 'captured', actor: 'russia', statedAt }).status,
      ).toBe('contested');
  });

  it('10: one speaker through two outlets is one origin', () => {
    const said = { name: 'Monitor', predicate: 'captured', actor: 'russia', statedAt: '2025-11-20' };
    const state = stateAfter({ ...said, outlet: 'one.example' }, { ...said, outlet: 'two.example' });
    expect(state).toMatchObject({ status: 'claimed', statements: 2, origins: 1 });
    // An outlet that only repeats what a party's man said: another side, the same origin.
    const repeated = stateAfter(
      {
        party: 'russia',
        name: 'Valery Gerasimov',
        predicate: 'captured',
        actor: 'russia',
        statedAt: '2025-11-20',
      },
      {
        via: ['Valery Gerasimov'],
        outlet: 'one.example',
        predicate: 'captured',
        actor: 'russia',
        statedAt: '2025-11-20',
      },
    );
    expect(repeated).toMatchObject({ status: 'claimed', rule: 'claimed/one-origin', origins: 1 });
  });

  it('11: what was stated a month ago and arrives today changes what we say of a week ago, not what we said yesterday', () => {
    const log = new Log(Date.parse('2025-12-30T00:00:00Z'));
    log.claim({ party: 'russia', predicate: 'captured', actor: 'russia', statedAt: '2025-11-20' });
    const yesterday = '2025-12-30T12:00:00.000Z';
    const late = new Log(Date.parse('2025-12-31T00:00:00Z'));
    late.append(log.events[0]!);
    const events = [
      log.events[0]!,
      {
        ...late.claim({
          party: 'ukraine',
          stance: 'deny',
          predicate: 'lost',
          actor: 'ukraine',
          statedAt: '2025-12-01',
        }),
      },
    ];
    expect(stateOf(events, { asOf: '2025-12-24T00:00:00.000Z' }).status).toBe('contested');
    expect(stateOf(events, { knownAt: yesterday }).status).toBe('claimed');
    expect(stateOf(events, { asOf: '2025-12-24T00:00:00.000Z', knownAt: yesterday }).status).toBe('claimed');
  });

  it('12: a voided statement is as if never recorded, but for who asks what was known before', () => {
    const log = new Log();
    log.claim({ party: 'russia', predicate: 'captured', actor: 'russia', statedAt: '2025-11-20' });
    const without = stateOf(log.events);
    const swapped = log.claim({
      party: 'ukraine',
      predicate: 'captured',
      actor: 'russia',
      statedAt: '2025-11-21',
    });
    const before = stateOf(log.events);
    expect(before.status).toBe('conceded');
    const voided = log.mark(swapped, true);
    expect(content(stateOf(log.events))).toEqual(content(without));
    expect(content(stateOf(log.events, { asOf: '2025-11-22T00:00:00.000Z' }))).toEqual(content(without));
    const justBefore = new Date(Date.parse(voided.recordedAt) - 1).toISOString();
    expect(content(stateOf(log.events, { knownAt: justBefore }))).toEqual(content(before));
    log.mark(swapped, false);
    expect(content(stateOf(log.events))).toEqual(content(before));
  });

  it('13: parts of a place', () => {
    expect(
      stateAfter({
        party: 'russia',
        predicate: 'controls',
        actor: 'russia',
        extent: { part: 'northern districts' },
        statedAt: '2025-11-20',
      }),
    ).toMatchObject({ status: 'claimed', flagNames: ['partial'] });
    const left = stateAfter(
      { party: 'ukraine', predicate: 'controls', actor: 'ukraine', statedAt: '2025-11-19' },
      {
        party: 'ukraine',
        predicate: 'withdrew',
        actor: 'ukraine',
        extent: { part: 'eastern bank' },
        statedAt: '2025-11-20',
      },
    );
    expect(left).toMatchObject({
      status: 'claimed',
      holders: { ukraine: 'claimed' },
      flagNames: ['partial'],
    });
  });

  it('14: monitors corroborate, the adversary concedes', () => {
    const one = { name: 'First monitor', predicate: 'captured', actor: 'russia', statedAt: '2025-11-20' };
    const two = { name: 'Second monitor', predicate: 'captured', actor: 'russia', statedAt: '2025-11-21' };
    expect(stateAfter(one).status).toBe('claimed');
    expect(stateAfter(one, two).status).toBe('corroborated');
    expect(
      stateAfter(one, two, {
        party: 'ukraine',
        predicate: 'captured',
        actor: 'russia',
        statedAt: '2025-11-22',
      }),
    ).toMatchObject({ status: 'conceded', rule: 'conceded/adversary-says-so' });
  });

  it('15: a concession that is ended brings back all that was said before it', () => {
    const russia = { party: 'russia', predicate: 'captured', actor: 'russia', statedAt: '2025-11-18' };
    const ukraine = [
      { party: 'ukraine', predicate: 'controls', actor: 'ukraine', statedAt: '2025-11-19' },
      { party: 'ukraine', stance: 'deny', predicate: 'captured', actor: 'russia', statedAt: '2025-11-20' },
      { party: 'ukraine', predicate: 'withdrew', actor: 'ukraine', statedAt: '2025-11-21' },
      { party: 'ukraine', stance: 'deny', predicate: 'withdrew', actor: 'ukraine', statedAt: '2025-11-22' },
    ] as const;
    expect(stateAfter(russia, ...ukraine.slice(0, 3))).toMatchObject({
      status: 'conceded',
      holders: { russia: 'conceded', ukraine: 'withdrawn' },
    });
    expect(stateAfter(russia, ...ukraine)).toMatchObject({
      status: 'contested',
      holders: { russia: 'disputed', ukraine: 'claimed' },
    });
  });
});
