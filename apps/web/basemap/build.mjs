// Builds base maps from Natural Earth; README.md says what is in them.
//   node apps/web/basemap/build.mjs                                          the two that are committed
//   node apps/web/basemap/build.mjs --name syria --box 35,32,43,38           another region: west,south,east,north
//     --regions SYR,IRQ   draw the regions of these countries only (default: all), or `none`
//     --waters asia       take rivers and lakes of these continents, on a finer grid (default: of the world): see sources.mjs
//     --tolerance 0.002   degrees that a line may be off (default: the width of the box / 12500)
//     --out FOLDER        (default: apps/web/public/basemap)
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { encodeLine } from './encode.mjs';
import { makeLayers } from './layers.mjs';
import { installPackages, openSources, WATERS } from './sources.mjs';

const COMMITTED = [
  {
    name: 'ukraine',
    box: [12, 38, 60, 60],
    regions: ['UKR', 'RUS', 'BLR'],
    waters: ['europe', 'asia'],
    tolerance: 0.004,
  },
  { name: 'world', box: [-180, -85, 180, 85], regions: [], tolerance: 0.05, isCoarse: true, maxGzip: 40_000 },
];
const ATTRIBUTION = 'Made with Natural Earth; boundaries are no statement of ours';
const MAX_BROTLI = 65_000;

function fail(message) {
  console.error(message);
  process.exit(2);
}

function mapsOf(argv) {
  const text = { type: 'string' };
  const { values } = parseArgs({
    args: argv,
    options: { name: text, box: text, regions: text, waters: text, tolerance: text, out: text },
  });
  if (values.name === undefined && values.box === undefined) return { maps: COMMITTED, out: values.out };
  const box = values.box?.split(',').map(Number) ?? [];
  if (!/^[a-z0-9-]{1,40}$/.test(values.name ?? ''))
    fail('--name must be small letters, digits and "-", at most 40');
  const [west, south, east, north] = box;
  if (
    box.length !== 4 ||
    !(west >= -180 && west < east && east <= 180 && south >= -85 && south < north && north <= 85)
  )
    fail('--box must be west,south,east,north in degrees, within -180,-85,180,85');
  const tolerance = Number(values.tolerance ?? (east - west) / 12_500);
  if (!(tolerance > 0 && tolerance < 1)) fail('--tolerance must be degrees, above 0 and below 1');
  const regions = values.regions === 'none' ? [] : values.regions?.toUpperCase().split(',');
  const waters = values.waters?.split(',');
  for (const part of waters ?? [])
    if (!WATERS.includes(part)) fail(`--waters must be of ${WATERS.join(', ')}`);
  return { maps: [{ name: values.name, box, tolerance, regions, waters }], out: values.out };
}

/** As many units to a degree as it takes to be no coarser than the tolerance; a power of ten. */
const factorOf = (tolerance) => 10 ** Math.ceil(-Math.log10(tolerance));

function encode({ name, box, tolerance }, layers) {
  const factor = factorOf(tolerance);
  const lines = (all) => all.map((line) => encodeLine(line, factor, 2)).filter((line) => line !== '');
  const polygons = (all) =>
    all
      .map((rings) => rings.map((ring) => encodeLine(ring, factor, 4)))
      .filter(([outline]) => outline !== '')
      .map((rings) => rings.filter((ring) => ring !== ''));
  return {
    name,
    attribution: ATTRIBUTION,
    box,
    factor,
    land: polygons(layers.land),
    lakes: polygons(layers.lakes),
    borders: lines(layers.borders),
    disputed: layers.disputed.map(({ id, lines: all }) => ({ id, lines: lines(all) })),
    regions: lines(layers.regions),
    rivers: lines(layers.rivers),
  };
}

const { maps, out = join(import.meta.dirname, '../public/basemap') } = mapsOf(process.argv.slice(2));
const sources = openSources(installPackages());
const known = sources.countriesWithRegions();
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'LICENCES.txt'), sources.licences());
for (const map of maps) {
  const { isCoarse = false, regions = known, waters = ['world'], maxGzip = Infinity } = map;
  const unknown = regions.filter((country) => !known.includes(country));
  if (unknown.length > 0) fail(`--regions: no regions of ${unknown.join(', ')}`);
  const file = encode(map, makeLayers(sources, { ...map, isCoarse, regions, waters }));
  const text = `${JSON.stringify(file)}\n`;
  const name = String(map.name);
  const path = join(out, `${name}.json`);
  writeFileSync(path, text);
  const [brotli, gzip] = [brotliCompressSync(text).length, gzipSync(text, { level: 9 }).length];
  console.log(`${path}: ${text.length} bytes, gzip ${gzip}, brotli ${brotli}`);
  if (brotli > MAX_BROTLI || gzip > maxGzip) {
    console.error(
      `${name} is over its budget: a larger --tolerance, fewer --regions or a smaller --box helps.`,
    );
    process.exitCode = 1;
  }
}
