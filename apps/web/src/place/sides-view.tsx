import { useSignal } from '@preact/signals';
import type { State } from '../api/answers.js';
import { INDEPENDENTS } from '../api/independent.js';
import { t } from '../language/language.js';
import { parties, partyName } from '../language/parties.js';
import { usePlace } from './place-data.js';
import { saySentence } from '../saying/say.js';
import { standingPhrase } from './sentence.js';
import { leftOut, sidesOf, type SideColumn, type Voice } from './sides.js';
import { EvidenceEntry, StatementEntry } from '../saying/statement-entry.js';
import './sides.css';

/** Who says what about control: the sides in columns of equal weight, then the rule of each claim. */
export function Sides({ state }: { state: State }) {
  const { control } = state;
  const columns = sidesOf(state, partyName);
  const more = leftOut(control);
  return (
    <section aria-labelledby="sides-title">
      <h2 id="sides-title">{t('sides.title')}</h2>
      {columns.length === 0 && <p>{t('sides.none')}</p>}
      <div class="sides">
        {columns.map((column) => (
          <Column key={column.side} column={column} />
        ))}
      </div>
      {more > 0 && <p class="small">{t('sides.left-out', { n: more })}</p>}
      {control.length > 0 && (
        <ul class="standings small">
          {control.map((holder) => (
            <li key={holder.holder}>
              {saySentence(standingPhrase(holder))}
              {!holder.known && ` ${t('sides.unknown')}`} <code class="faint no-print">{holder.rule}</code>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Column({ column: { side, voices } }: { column: SideColumn }) {
  const isKnown = side === INDEPENDENTS || (parties.value?.sides.some(({ id }) => id === side) ?? true);
  return (
    <section class="side" aria-label={sideName(side)}>
      <h3>
        <bdi>{sideName(side)}</bdi>
      </h3>
      {!isKnown && <p class="small faint">{t('sides.unknown-side')}</p>}
      {voices.map((voice) => (
        <VoiceGroup key={`${voice.holder} ${voice.position}`} voice={voice} />
      ))}
    </section>
  );
}

const sideName = (side: string): string =>
  side === INDEPENDENTS ? t('sides.independents') : partyName(side);

const FIRST = 3;

/** What a side says of one holder, newest first. */
function VoiceGroup({ voice: { holder, position, evidence } }: { voice: Voice }) {
  const { details } = usePlace();
  const isWhole = useSignal(false);
  const shown = isWhole.value ? evidence : evidence.slice(0, FIRST);
  return (
    <div class={`voice voice-${position}`}>
      <h4>{saySentence({ id: `voice.${position}`, values: { holder: { party: holder } } })}</h4>
      <ul class="plain-list">
        {shown.map((one) => {
          const said = details.value.get(one.statementId);
          return (
            <li key={one.statementId}>
              {said === undefined ? <EvidenceEntry evidence={one} /> : <StatementEntry said={said} />}
            </li>
          );
        })}
      </ul>
      {evidence.length > shown.length && (
        <button type="button" class="plain" onClick={() => (isWhole.value = true)}>
          {t('sides.more', { n: evidence.length - shown.length })}
        </button>
      )}
    </div>
  );
}
