import { listed, t } from '../language/language.js';
import type { Claim } from './rows.js';
import { partyName } from './parties.js';

/** Who claims a place for whom, and who denies it, in a line. Sides stand in the order of their names, so that none comes first. */
export function ClaimsLine({ claims }: { claims: readonly Claim[] }) {
  const byName = claims.toSorted((a, b) => (partyName(a.holder) < partyName(b.holder) ? -1 : 1));
  return (
    <>
      {byName.map(({ holder, claiming, denying, conceding }) => (
        <span class="claim">
          {claimed(holder, claiming)}
          {denying.length > 0 && ` · ${t('claims.denied', { by: names(denying) })}`}
          {conceding.length > 0 && ` · ${t('claims.conceded', { by: names(conceding) })}`}
        </span>
      ))}
    </>
  );
}

function claimed(holder: string, claiming: readonly string[]): string {
  const name = partyName(holder);
  if (claiming.length === 0) return t('claims.about', { holder: name });
  const isOwn = claiming.length === 1 && claiming[0] === holder;
  return isOwn ? t('claims.own', { holder: name }) : t('claims.by', { holder: name, by: names(claiming) });
}

const names = (ids: readonly string[]) => listed(ids.map(partyName).toSorted());
