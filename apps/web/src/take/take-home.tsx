import { useSignal } from '@preact/signals';
import { addressOf, clock, query, root } from '../address/address.js';
import { only } from '../address/query.js';
import { STATUSES } from '../api/answers.js';
import { ApiProblem, request } from '../api/request.js';
import { type BasemapFile, decodeBasemap } from '../basemap/decode.js';
import { useHome } from '../home/home-data.js';
import { viewOf } from '../home/look.js';
import { FIRST_ZOOM } from '../home/places.js';
import { shownTime } from '../language/dates.js';
import { t } from '../language/language.js';
import { colour } from '../look/colours.js';
import { ProblemNote } from '../look/problem.js';
import { citedView } from './bookmark.js';
import { CopyField } from './copy-field.js';
import { metresOf } from './mercator.js';
import { momentWords } from '../language/moments.js';
import { svgOf } from './picture.js';
import { pngOf, save, saveText } from './save.js';
import { TakePanel } from './take-panel.js';

/** What of the address the API takes. */
const NAMES = ['q', 'status', 'side', 'flag', 'region', 'asOf', 'knownAt', 'ruleset'];
const [WIDTH, HEIGHT] = [1200, 760];
/** Of zoom 0, in metres a pixel. */
const WORLD = 156_543.033_928;

/** What one can take along of map and list: pictures and code to embed them, too. */
export function TakeHome() {
  const { bins, total } = useHome();
  const asked = only(query.value, NAMES);
  const count = total.value?.count;
  const name = count === undefined ? t('nav.places') : t('list.count', { n: count });
  const embed = addressOf({ view: 'embed' }, query.value);
  const title = () => [t('picture.title'), ...momentWords(clock.value)].join(', ');
  return (
    <TakePanel
      cited={() => citedView('places', title())}
      files={[{ name, path: 'v1/exports/locations', query: asked }]}
      api={[
        { name, path: 'v1/locations', query: asked },
        { name: t('take.map'), path: 'v1/map', query: { ...asked, zoom: String(FIRST_ZOOM) } },
      ]}
    >
      {/* Where places are counted by cells, the page has none of them. */}
      {bins.value === undefined && <Pictures />}
      <CopyField
        label={t('take.embed')}
        rows={3}
        text={`<iframe src="${embed.replaceAll('&', '&amp;')}" width="800" height="600" title="${t('picture.title')}" loading="lazy"></iframe>`}
      />
    </TakePanel>
  );
}

/** The map as a picture, as it is looked at. */
function Pictures() {
  const shown = useHome();
  const problem = useSignal<ApiProblem | undefined>(undefined);
  const take = async (kind: 'svg' | 'png') => {
    problem.value = undefined;
    try {
      const svg = await pictureOf(shown);
      const name = `claimline-map-${dayOf(clock.value)}.${kind}`;
      if (kind === 'svg') saveText(name, 'image/svg+xml', svg);
      else save(await pngOf(svg), name);
    } catch (error) {
      problem.value = error instanceof ApiProblem ? error : new ApiProblem(0, 'picture', String(error));
    }
  };
  return (
    <>
      <p class="row">
        <span>{t('take.picture')}</span>
        {(['png', 'svg'] as const).map((kind) => (
          <button key={kind} type="button" onClick={() => void take(kind)}>
            {kind.toUpperCase()}
          </button>
        ))}
      </p>
      <ProblemNote problem={problem.value} />
    </>
  );
}

const dayOf = ({ asOf, knownAt }: typeof clock.value): string =>
  [asOf, knownAt, new Date().toISOString()]
    .filter((one) => one !== undefined)
    .toSorted()[0]!
    .slice(0, 10);

async function pictureOf({ rows, total, places }: ReturnType<typeof useHome>): Promise<string> {
  const file = await request<BasemapFile>(new URL('basemap.json', root).href).catch(() => undefined);
  const { zoom, lat, lon } = viewOf(query.value['map']);
  const now = new Date().toISOString();
  const moments = momentWords(clock.value);
  return svgOf({
    width: WIDTH,
    height: HEIGHT,
    center: metresOf([lon, lat]),
    resolution: WORLD / 2 ** zoom,
    basemap: file && decodeBasemap(file),
    rows: rows.value,
    title: t('picture.title'),
    subtitle: [
      ...(moments.length > 0 ? moments : [t('clock.as-of-time', { date: shownTime(now, 'minute') })]),
      t('list.count', { n: total.value?.count ?? rows.value.length }),
      t('take.by-ruleset', { ruleset: places.answer.value?.rulesetVersion ?? '' }),
    ].join(' · '),
    legend: STATUSES.map((status) => ({
      status,
      word: t(`status.${status}`),
      count: rows.value.filter((row) => row.status === status).length,
    })).filter(({ count }) => count > 0),
    caption: [
      t('picture.source', {
        address: addressOf({ view: 'home' }, query.value),
        date: shownTime(now, 'minute'),
      }),
      [file?.attribution, t('foot.what')].filter(Boolean).join(' · '),
    ],
    colour,
  });
}
