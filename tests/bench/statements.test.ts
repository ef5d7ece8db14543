import { describe, expect, it } from '@jest/globals';
import { Random } from '../support/random.js';
import { War } from '../support/war.js';
import { partOfWar } from './statements.js';

describe('a war of any size', () => {
  it('has a name for each place', () => {
    const war = new War(new Random(1), { places: 150_000 });
    const some = Array.from({ length: 300 }, (_, at) => at * 7);
    const names = [0, 50_000, 100_000].flatMap((from) =>
      some.map((at) => war.place(from + at).names[0]!.name),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('has parts the statements of which name the place that they are recorded on', () => {
    const war = new War(new Random(1), { places: 500 });
    for (const { event } of partOfWar(6000, 500)) {
      if (event.type !== 'claim.asserted' && event.type !== 'claim.denied') throw new Error(event.type);
      const { location } = event.data;
      const place = war.place(Number(event.stream.slice('war-'.length)));
      if ('id' in location ? location.id !== place.id : location.name !== place.names[0]!.name)
        throw new Error(`${JSON.stringify(location)} on ${place.id}`);
    }
  });

  it('has parts that draw nothing in common', () => {
    const draws = (at: number) => {
      const random = Random.stretch(at, 1000);
      return Array.from({ length: 1000 }, () => random.next());
    };
    const all = [draws(0), draws(1), draws(2)].flat();
    expect(new Set(all).size).toBeGreaterThan(2990);
    const random = Random.stretch(0, 1000);
    expect(Array.from({ length: 2000 }, () => random.next())).toEqual([...draws(0), ...draws(1)]);
  });
});
