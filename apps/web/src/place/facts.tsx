import type { ComponentChildren } from 'preact';
import type { State } from '../api/answers.js';
import { language, t } from '../language/language.js';
import { PlaceLink } from './place-link.js';

const MOST_MERGED = 20;

/** What the register says of the place, and what only statements report. */
export function Facts({ state }: { state: State }) {
  const { id, coordinates, coordinatesReported, country, region, within, codes, merged } = state;
  return (
    <section aria-labelledby="facts-title">
      <h2 id="facts-title">{t('facts.title')}</h2>
      <dl class="facts">
        <Fact name={t('facts.id')}>
          <code>{id}</code>
        </Fact>
        <Fact name={t('facts.position')}>
          {coordinates === null ? (
            t('facts.no-position')
          ) : (
            <>
              {positionOf(coordinates)}{' '}
              <span class="faint">
                {t(coordinatesReported ? 'facts.reported' : 'facts.registered')}{' '}
                {t('facts.exact', { distance: exactness(coordinates) })}
              </span>
            </>
          )}
        </Fact>
        {within !== null && (
          <Fact name={t('facts.within')}>
            <PlaceLink id={within} />
          </Fact>
        )}
        {region !== null && (
          <Fact name={t('filter.region')}>
            <bdi>{region}</bdi>
          </Fact>
        )}
        {country !== null && <Fact name={t('facts.country')}>{countryName(country)}</Fact>}
        {codes.length > 0 && (
          <Fact name={t('facts.codes')}>
            {codes.map(({ scheme, value }) => (
              <span key={`${scheme} ${value}`} class="code">
                {scheme} <code>{value}</code>
              </span>
            ))}
          </Fact>
        )}
        {merged.length > 0 && (
          <Fact name={t('facts.merged')}>
            {merged.slice(0, MOST_MERGED).map((one) => (
              <span key={one} class="code">
                <code>{one}</code>
              </span>
            ))}
            {merged.length > MOST_MERGED && t('facts.merged-more', { n: merged.length - MOST_MERGED })}
          </Fact>
        )}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Latitude first, as people write it. */
const positionOf = ([lon, lat]: readonly [number, number]): string =>
  `${t(lat < 0 ? 'facts.south' : 'facts.north', degrees(lat))}, ${t(lon < 0 ? 'facts.west' : 'facts.east', degrees(lon))}`;

const degrees = (value: number) => ({
  degrees: new Intl.NumberFormat(language.value, { maximumFractionDigits: 20 }).format(Math.abs(value)),
});

const DEGREE_M = 111_320;

/** How far a last digit reaches on the ground: a position is no more exact than it is written. */
function exactness([lon, lat]: readonly [number, number]): string {
  const digits = Math.max(...[lon, lat].map((one) => (String(one).split('.')[1] ?? '').length));
  const metres = (DEGREE_M * 10 ** -digits) / 2;
  const [value, unit] = metres >= 1000 ? [metres / 1000, 'kilometer'] : [Math.max(1, metres), 'meter'];
  return new Intl.NumberFormat(language.value, { style: 'unit', unit, maximumSignificantDigits: 1 }).format(
    value,
  );
}

function countryName(code: string): string {
  try {
    return new Intl.DisplayNames([language.value], { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}
