import type { Random } from '../random.js';
import type { StatementInput } from '../war.js';
import { HOUR_MS } from './happening.js';
import type { Camp } from './voices.js';

/** How things stand around a place, as its sides see them. */
type Phase = 'quiet' | 'attacked' | 'claimed' | 'conceded' | 'retaken';

/** What is said, by whose voice, and when; `voice` undefined: an independent's. */
export interface Utterance {
  at: number;
  voice: Camp | undefined;
  stance: StatementInput['stance'];
  claim: StatementInput['claim'];
}

/**
 * What happens to one place in a number of days: it is attacked, said to be taken, and in the end given up or retaken; or it
 * stays quiet. Who is right is never said: each side has its own story.
 */
export class Siege {
  private readonly turns: { from: number; phase: Phase }[];

  constructor(
    private readonly random: Random,
    readonly attacker: Camp,
    readonly defender: Camp,
    private readonly begin: number,
    private readonly end: number,
  ) {
    const moments = Array.from({ length: 3 }, () => begin + random.next() * (end - begin)).toSorted(
      (a, b) => a - b,
    );
    const course: Phase[] = random.chance(0.35)
      ? ['quiet']
      : ['attacked', 'claimed', random.chance(0.5) ? 'conceded' : 'retaken'];
    this.turns = course.map((phase, at) => ({ from: phase === 'quiet' ? begin : moments[at]!, phase }));
  }

  utterance(): Utterance {
    const at = this.begin + this.random.next() * (this.end - this.begin - HOUR_MS);
    const phase = this.turns.findLast(({ from }) => from <= at)?.phase ?? 'quiet';
    return { at, ...this.said(phase) };
  }

  private said(phase: Phase): Omit<Utterance, 'at'> {
    const { random, attacker, defender } = this;
    const asserts = (voice: Camp | undefined, claim: StatementInput['claim']) => ({
      voice,
      stance: 'assert' as const,
      claim,
    });
    const denies = (voice: Camp | undefined, claim: StatementInput['claim']) => ({
      voice,
      stance: 'deny' as const,
      claim,
    });
    const which = random.next();
    switch (phase) {
      case 'quiet':
        if (which < 0.6) return asserts(defender, { predicate: 'controls', actor: defender.id });
        if (which < 0.8)
          return asserts(attacker, { predicate: 'captured', actor: attacker.id, modality: 'intended' });
        return denies(defender, { predicate: 'fighting' });
      case 'attacked':
        if (which < 0.35) return asserts(undefined, { predicate: 'fighting' });
        if (which < 0.55) return asserts(attacker, { predicate: 'entered', actor: attacker.id });
        if (which < 0.7)
          return asserts(attacker, {
            predicate: 'encircled',
            actor: attacker.id,
            target: `a garrison of ${defender.id}`,
          });
        if (which < 0.85) return denies(defender, { predicate: 'encircled', actor: attacker.id });
        return asserts(attacker, {
          predicate: 'controls',
          actor: attacker.id,
          extent: { op: '>', percent: random.int(2, 18) * 5 },
        });
      case 'claimed':
        if (which < 0.4) return asserts(attacker, { predicate: 'captured', actor: attacker.id });
        if (which < 0.6) return denies(defender, { predicate: 'lost', actor: defender.id });
        if (which < 0.8) return denies(defender, { predicate: 'captured', actor: attacker.id });
        if (which < 0.9)
          return asserts(defender, {
            predicate: 'lost',
            actor: defender.id,
            extent: { part: random.pick(['the left bank', 'the station', 'the northern quarter']) },
          });
        return asserts(undefined, { predicate: 'captured', actor: attacker.id, certainty: 'hedged' });
      case 'conceded':
        if (which < 0.5) return asserts(attacker, { predicate: 'controls', actor: attacker.id });
        if (which < 0.8) return asserts(defender, { predicate: 'withdrew', actor: defender.id });
        return asserts(undefined, { predicate: 'captured', actor: attacker.id });
      case 'retaken':
        if (which < 0.5) return asserts(defender, { predicate: 'captured', actor: defender.id });
        if (which < 0.8) return denies(attacker, { predicate: 'lost', actor: attacker.id });
        return asserts(undefined, { predicate: 'captured', actor: defender.id });
    }
  }
}
