import { signal } from '@preact/signals';
import type { Parties } from '../api/answers.js';
import { INDEPENDENTS, isIndependent } from '../api/independent.js';
import { get } from '../api/request.js';
import { isolated } from './isolated.js';
import { language, maybe } from './language.js';

/** Sides and parties of the ruleset in force. */
export const parties = signal<Parties | undefined>(undefined);

export async function readParties(): Promise<void> {
  parties.value = await get<Parties>('v1/parties').catch(() => parties.value);
}

/** A side or party as a reader knows it: in the page's language where it is translated, by the ruleset's name, else as given. */
export function partyName(id: string): string {
  void language.value;
  // An independent speaker is a side by itself.
  if (isIndependent(id)) return isolated(id.slice(INDEPENDENTS.length));
  return (
    maybe(`party.${id}`) ??
    isolated(
      parties.value?.sides.find((side) => side.id === id)?.name ??
        parties.value?.items.find((party) => party.id === id)?.names[0] ??
        id,
    )
  );
}
