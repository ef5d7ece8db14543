import { provisionalId, type LocationId } from './identity.js';
import { compare } from './said.js';
import type { PlaceReference } from './statement.js';
import { fold } from './text.js';

/** A registered place that has the folded name asked for; `root` is the place it is merged into in the end, or itself. */
export interface Hit {
  id: LocationId;
  root: LocationId;
  country: string | null;
  region: string | null;
}

export interface Resolution {
  id: LocationId;
  /** The place is not known to the register: the statement goes to the provisional place of its name. */
  provisional: boolean;
}

/**
 * The place that a name means (docs/domain.md, "Locations"): the one hit inside the given country and region; with none, or
 * several, the provisional place of that name. Never by population or likeness.
 * @param hits all registered places with that folded name, aliases included
 */
export function resolve(reference: PlaceReference & { id?: undefined }, hits: readonly Hit[]): Resolution {
  const { name, country, region } = reference;
  const inside = hits.filter(
    (hit) =>
      (country === undefined || hit.country === country) &&
      (region === undefined || (hit.region !== null && fold(hit.region) === fold(region))),
  );
  const roots = new Set(inside.map(({ root }) => root));
  if (roots.size !== 1) return { id: provisionalId(name, country, region), provisional: true };
  const [root] = roots;
  const best = inside.find(({ id }) => id === root) ?? inside.toSorted((a, b) => compare(a.id, b.id))[0]!;
  return { id: best.id, provisional: false };
}
