import { listed, t } from '../language/language.js';
import type { Claim } from './rows.js';
import { isIndependent } from '../api/independent.js';
import { partyName } from '../language/parties.js';

/** Who claims a place for whom, and who denies it, in a line. Sides stand in the order of their names, so that none comes first. */
export function ClaimsLine({ claims }: { claims: readonly Claim[] }) {
  const byName = claims.toSorted((a, b) => (partyName(a.holder) < partyName(b.holder) ? -1 : 1));
  return (
    <>
      {byName.map((claim) => (
        <span class="claim">{partsOf(claim).join(' · ')}</span>
      ))}
    </>
  );
}

/** Sides by name; of speakers of no side only how many, since each is a side by itself. */
function namesOf(by: readonly string[]): string[] {
  const sides = by.filter((side) => !isIndependent(side));
  const n = by.length - sides.length;
  return [...sides.map(partyName).toSorted(), ...(n > 0 ? [t('claims.independents', { n })] : [])];
}

function partsOf({ holder, claiming, denying, conceding }: Claim): string[] {
  const name = partyName(holder);
  const told = (
    id: 'claims.by' | 'claims.denied' | 'claims.conceded' | 'claims.denied-only',
    by: readonly string[],
  ) => (by.length === 0 ? [] : [t(id, { holder: name, by: listed(namesOf(by)), n: by.length })]);
  const isOwn = claiming.length === 1 && claiming[0] === holder;
  const parts = [
    ...(isOwn ? [t('claims.own', { holder: name })] : told('claims.by', claiming)),
    ...told(claiming.length > 0 ? 'claims.denied' : 'claims.denied-only', denying),
    ...told('claims.conceded', conceding),
  ];
  // Between two days of the clock only the holder is known, until it rests.
  return parts.length > 0 ? parts : [t('claims.holder', { holder: name })];
}
