import type { PlaceName } from '../api/answers.js';
import { language, t } from '../language/language.js';

const FIRST = 6;

/** The other names of a place, by language. */
export function Names({ names, but }: { names: readonly PlaceName[]; but: string }) {
  const others = names.filter(({ name }) => name !== but);
  if (others.length === 0) return null;
  const few = others.slice(0, FIRST);
  const rest = others.slice(FIRST);
  return (
    <div class="names">
      <p>
        <span class="unseen">{t('place.also')} </span>
        <List names={few} />
      </p>
      {rest.length > 0 && (
        <details class="small">
          <summary>{t('place.more-names', { n: rest.length })}</summary>
          <p>
            <List names={rest} />
          </p>
        </details>
      )}
    </div>
  );
}

function List({ names }: { names: readonly PlaceName[] }) {
  return (
    <>
      {names.map(({ name, language: of }, at) => (
        <span key={name}>
          {at > 0 && ' · '}
          <bdi lang={of}>{name}</bdi>
          {of !== undefined && <span class="faint small"> {languageName(of)}</span>}
        </span>
      ))}
    </>
  );
}

/** A language by its name in the page's language; its tag where that is not known. */
function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([language.value], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
