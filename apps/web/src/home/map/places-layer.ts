import type { Extent } from 'ol/extent.js';
import Feature from 'ol/Feature.js';
import type { FeatureLike } from 'ol/Feature.js';
import Point from 'ol/geom/Point.js';
import VectorLayer from 'ol/layer/Vector.js';
import type Map from 'ol/Map.js';
import type { Pixel } from 'ol/pixel.js';
import { fromLonLat } from 'ol/proj.js';
import Cluster from 'ol/source/Cluster.js';
import VectorSource from 'ol/source/Vector.js';
import Fill from 'ol/style/Fill.js';
import Icon from 'ol/style/Icon.js';
import Style from 'ol/style/Style.js';
import Text from 'ol/style/Text.js';
import { type MapBins, type Status, STATUSES } from '../../api/answers.js';
import { SHAPES } from '../../look/shapes.js';
import type { Row } from '../rows.js';
import { colour } from '../../look/colours.js';

/** More places than these are put together where they lie close. */
const MOST_SINGLE = 5000;
/** Names are written from this resolution on, in metres a pixel. */
const NAMED_BELOW = 160;
/** So few places are named at every zoom; names that would cover each other are left out. */
const FEW = 40;

/** The places of the map. What does not change keeps its feature, so that a step of the clock draws and makes nothing new. */
export class PlacesLayer {
  private readonly source = new VectorSource<Feature<Point>>();
  private readonly features = new globalThis.Map<string, Feature<Point>>();
  private bins: Feature<Point>[] = [];
  private readonly cluster = new Cluster({ distance: 34, minDistance: 20 });
  private marks = marksNow();
  private highlighted: string | undefined;
  readonly layer = new VectorLayer<VectorSource>({ source: this.source, declutter: true, zIndex: 1 });

  constructor() {
    this.layer.setStyle((feature, resolution) => this.styleOf(feature, resolution));
  }

  /** Counts in the place of places: the mark is that of the status that most of them have. */
  showBins({ columns, statuses }: MapBins): void {
    this.show([]);
    this.bins = columns.count.map((count, cell) => {
      const feature = new Feature(new Point(fromLonLat([columns.lon[cell]!, columns.lat[cell]!])));
      const byStatus = columns.status.map((counts) => counts[cell]!);
      feature.setProperties({ count, status: statuses[byStatus.indexOf(Math.max(...byStatus))] }, true);
      return feature;
    });
    this.source.addFeatures(this.bins);
  }

  show(rows: readonly Row[]): void {
    this.source.removeFeatures(this.bins);
    this.bins = [];
    const left = new Set(this.features.keys());
    const added: Feature<Point>[] = [];
    let hasChanged = false;
    for (const { id, name, position, status } of rows) {
      if (position === null) continue;
      left.delete(id);
      const before = this.features.get(id);
      if (before === undefined) {
        const feature = new Feature(new Point(fromLonLat(position)));
        feature.setProperties({ id, name, status }, true);
        this.features.set(id, feature);
        added.push(feature);
      } else if (before.get('status') !== status || before.get('name') !== name) {
        before.setProperties({ name, status }, true);
        hasChanged = true;
      }
    }
    for (const id of left) {
      this.source.removeFeature(this.features.get(id)!);
      this.features.delete(id);
    }
    this.source.addFeatures(added);
    const isMany = this.features.size > MOST_SINGLE;
    if (isMany !== (this.layer.getSource() === this.cluster)) {
      this.cluster.setSource(isMany ? this.source : null);
      this.layer.setSource(isMany ? this.cluster : this.source);
    }
    if (hasChanged) this.layer.changed();
  }

  /** Around all places; undefined where there is none. */
  get extent(): Extent | undefined {
    return this.source.isEmpty() ? undefined : (this.source.getExtent() ?? undefined);
  }

  highlight(id: string | undefined): void {
    if (this.highlighted === id) return;
    this.highlighted = id;
    this.layer.changed();
  }

  /** After light and dark have changed. */
  restyle(): void {
    this.marks = marksNow();
    this.layer.changed();
  }

  /** The ids of the places under a pixel: several where they are drawn together, none where they are only counted. */
  at(map: Map, pixel: Pixel): string[] | undefined {
    const found = map.forEachFeatureAtPixel(pixel, (feature) => feature, {
      layerFilter: (layer) => layer === this.layer,
      hitTolerance: 6,
    });
    return found === undefined ? undefined : membersOf(found).map((one) => one.get('id') as string);
  }

  idAt(map: Map, pixel: Pixel): string | undefined {
    const ids = this.at(map, pixel);
    return ids?.length === 1 ? ids[0] : undefined;
  }

  private styleOf(feature: FeatureLike, resolution: number): Style | Style[] {
    const members = membersOf(feature);
    const [one] = members;
    if (one === undefined)
      return this.marks.many(feature.get('count') as number, feature.get('status') as Status);
    if (members.length > 1) return this.marks.many(members.length, mostOf(members));
    const [status, id] = [one.get('status') as Status, one.get('id') as string];
    const mark = this.marks.of[status];
    const isHighlighted = id === this.highlighted;
    const isNamed = resolution < NAMED_BELOW || this.features.size <= FEW;
    if (!isHighlighted && !isNamed) return mark;
    return [...(isHighlighted ? [this.marks.halo] : []), mark, this.marks.named(one.get('name') as string)];
  }
}

/** The places that a feature stands for: none where it only counts them. */
const membersOf = (feature: FeatureLike): FeatureLike[] =>
  feature.get('count') === undefined
    ? ((feature.get('features') as FeatureLike[] | undefined) ?? [feature])
    : [];

function mostOf(members: readonly FeatureLike[]): Status {
  const counts = new globalThis.Map<Status, number>();
  for (const one of members) {
    const status = one.get('status') as Status;
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
}

/** The styles in the colours of the moment. */
function marksNow() {
  const [paper, ink, focus] = [colour('paper'), colour('ink'), colour('focus')];
  const font = '12px "Noto Sans", system-ui, sans-serif';
  const of = Object.fromEntries(
    STATUSES.map((status) => [
      status,
      new Style({ image: new Icon({ src: svgOf(status, paper), declutterMode: 'none' }) }),
    ]),
  ) as Record<Status, Style>;
  return {
    of,
    halo: new Style({
      image: new Icon({ src: asUrl(`<circle r="10" fill="none" stroke="${focus}" stroke-width="3"/>`) }),
      zIndex: 2,
    }),
    named: (name: string) =>
      new Style({
        text: new Text({
          text: name,
          font,
          offsetY: 17,
          fill: new Fill({ color: ink }),
          backgroundFill: new Fill({ color: paper }),
          padding: [0, 2, 0, 2],
        }),
      }),
    many: (count: number, status: Status) =>
      new Style({
        image: new Icon({
          src: svgOf(status, paper),
          declutterMode: 'none',
          scale: Math.min(2.4, 1.2 + Math.log10(count) / 2.5),
        }),
        text: new Text({
          text: String(count),
          font: `bold ${font}`,
          fill: new Fill({ color: ink }),
          backgroundFill: new Fill({ color: paper }),
          padding: [0, 3, 0, 3],
          offsetY: 18,
        }),
      }),
  };
}

function svgOf(status: Status, paper: string): string {
  const { path, isRing } = SHAPES[status];
  const own = colour(status);
  return asUrl(
    isRing
      ? `<path d="${path}" fill="${paper}" stroke="${own}" stroke-width="2.6"/>`
      : `<path d="${path}" fill="${own}" stroke="${paper}"/>`,
  );
}

const asUrl = (content: string) =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="-12 -12 24 24">${content}</svg>`)}`;
