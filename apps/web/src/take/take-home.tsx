import { useSignal } from '@preact/signals';
import { addressOf, query } from '../address/address.js';
import { only } from '../address/query.js';
import { apiAddress, ApiProblem, request } from '../api/request.js';
import { root } from '../address/address.js';
import { type BasemapFile, decodeBasemap } from '../basemap/decode.js';
import { useHome } from '../home/home-data.js';
import { viewOf } from '../home/look.js';
import { shownTime } from '../language/dates.js';
import { t } from '../language/language.js';
import { colour } from '../look/colours.js';
import { ProblemNote } from '../look/problem.js';
import { STATUSES } from '../api/answers.js';
import { metresOf } from './mercator.js';
import { svgOf } from './picture.js';
import { pngOf, save } from './save.js';
import './take-along.css';

/** What of the address the API takes. */
const NAMES = ['q', 'status', 'side', 'flag', 'region', 'asOf', 'knownAt', 'ruleset'];
const FORMATS = ['csv', 'ndjson', 'geojson'] as const;
const [WIDTH, HEIGHT] = [1200, 760];
/** Of zoom 0, in metres a pixel. */
const WORLD = 156_543.033_928;

/** Everything that the view shows, to be taken along: files, pictures, code to embed it, and the API address of the same. */
export function TakeAlong() {
  const { rows, places } = useHome();
  const problem = useSignal<ApiProblem | undefined>(undefined);
  const asked = only(query.value, NAMES);
  const embed = addressOf({ view: 'embed' }, query.value);
  const picture = async (kind: 'svg' | 'png') => {
    problem.value = undefined;
    try {
      const svg = await makePicture();
      const name = `claimline-${(query.value['asOf'] ?? new Date().toISOString()).slice(0, 10)}`;
      if (kind === 'svg') save(new Blob([svg], { type: 'image/svg+xml' }), `${name}.svg`);
      else save(await pngOf(svg), `${name}.png`);
    } catch (error) {
      problem.value = error instanceof ApiProblem ? error : new ApiProblem(0, 'picture', String(error));
    }
  };
  const makePicture = async () => {
    const file = await request<BasemapFile>(new URL('basemap.json', root).href).catch(() => undefined);
    const { zoom, lat, lon } = viewOf(query.value['map']);
    const { asOf, knownAt } = query.value;
    const now = new Date().toISOString();
    return svgOf({
      width: WIDTH,
      height: HEIGHT,
      center: metresOf([lon, lat]),
      resolution: WORLD / 2 ** zoom,
      basemap: file && decodeBasemap(file),
      rows: rows.value,
      title: t('picture.title'),
      subtitle: [
        asOf === undefined
          ? t('picture.now', { date: shownTime(now) })
          : t('clock.as-of', { date: shownTime(asOf) }),
        ...(knownAt === undefined ? [] : [t('picture.known', { date: shownTime(knownAt) })]),
        t('list.count', { n: rows.value.length }),
      ].join(' · '),
      legend: STATUSES.map((status) => ({
        status,
        word: t(`status.${status}`),
        count: rows.value.filter((row) => row.status === status).length,
      })).filter(({ count }) => count > 0),
      caption: [
        t('picture.source', {
          address: addressOf({ view: 'home' }, { ...query.value, asOf: asOf ?? now.slice(0, 10) }),
          date: shownTime(now, 'minute'),
          ruleset: places.answer.value?.rulesetVersion ?? '',
        }),
        [file?.attribution, t('foot.what')].filter(Boolean).join('. '),
      ],
      colour,
    });
  };
  return (
    <details class="take no-print">
      <summary>{t('take.title')}</summary>
      <div class="take-menu">
        <p class="row">
          {FORMATS.map((format) => (
            <a href={apiAddress('v1/exports/locations', { ...asked, format })} download="">
              {t(`take.${format}`)}
            </a>
          ))}
          {(['png', 'svg'] as const).map((kind) => (
            <button type="button" onClick={() => void picture(kind)}>
              {t(`take.${kind}`)}
            </button>
          ))}
        </p>
        <CopyField label={t('take.api')} text={apiAddress('v1/locations', asked)} />
        <CopyField
          label={t('take.embed')}
          text={`<iframe src="${embed.replaceAll('&', '&amp;')}" width="800" height="600" title="Claimline" loading="lazy"></iframe>`}
        />
        <ProblemNote problem={problem.value} />
      </div>
    </details>
  );
}

/** A text to be copied by a click, or by hand. */
export function CopyField({ label, text }: { label: string; text: string }) {
  const isCopied = useSignal(false);
  const copy = async () => {
    // Without TLS there is no clipboard: the field can be selected.
    const copied = navigator.clipboard?.writeText(text);
    isCopied.value = (await copied?.then(() => true).catch(() => false)) ?? false;
  };
  return (
    <label class="field copy">
      <span>{label}</span>
      <span class="copy-row">
        <input readOnly value={text} onFocus={({ currentTarget }) => currentTarget.select()} />
        <button type="button" onClick={() => void copy()}>
          {isCopied.value ? t('take.copied') : t('take.copy')}
        </button>
      </span>
    </label>
  );
}
