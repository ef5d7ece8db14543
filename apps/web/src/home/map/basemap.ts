import Feature from 'ol/Feature.js';
import MultiLineString from 'ol/geom/MultiLineString.js';
import MultiPolygon from 'ol/geom/MultiPolygon.js';
import VectorLayer from 'ol/layer/Vector.js';
import type Map from 'ol/Map.js';
import VectorSource from 'ol/source/Vector.js';
import Fill from 'ol/style/Fill.js';
import Stroke from 'ol/style/Stroke.js';
import Style from 'ol/style/Style.js';
import { root } from '../../address/address.js';
import { request } from '../../api/request.js';
import { type Basemap, type BasemapFile, decodeBasemap } from '../../basemap/decode.js';
import { colour, onLook } from '../../look/colours.js';

type Kind = 'land' | 'lakes' | 'coast' | 'regions' | 'rivers' | 'borders' | 'disputed';

/** Land, water and thin lines: no country is filled. @returns the line of attribution; '' where there is no base map */
export async function addBasemap(map: Map): Promise<string> {
  const file = await request<BasemapFile>(new URL('basemap.json', root).href).catch(() => undefined);
  if (file === undefined) return '';
  const basemap = decodeBasemap(file);
  const source = new VectorSource({ features: featuresOf(basemap) });
  const layer = new VectorLayer({ source, zIndex: -1, updateWhileInteracting: true });
  const paint = () => {
    const styles = stylesNow();
    layer.setStyle((feature) => styles[feature.get('kind') as Kind]);
    map.getTargetElement()!.style.background = colour('water');
  };
  paint();
  onLook(paint);
  map.addLayer(layer);
  return basemap.attribution;
}

function featuresOf({ land, lakes, coast, regions, rivers, borders, disputed }: Basemap): Feature[] {
  const area = (kind: Kind, polygons: Basemap['land']) => feature(kind, new MultiPolygon(polygons));
  const lines = (kind: Kind, all: Basemap['borders']) => feature(kind, new MultiLineString(all));
  return [
    area('land', land),
    area('lakes', lakes),
    lines('coast', coast),
    lines('regions', regions),
    lines('rivers', rivers),
    lines('borders', borders),
    lines(
      'disputed',
      disputed.flatMap((one) => one.lines),
    ),
  ];
}

function feature(kind: Kind, geometry: MultiPolygon | MultiLineString): Feature {
  const made = new Feature(geometry.transform('EPSG:4326', 'EPSG:3857'));
  made.set('kind', kind);
  return made;
}

function stylesNow(): Record<Kind, Style> {
  const [water, border] = [colour('water'), colour('border')];
  const line = (width: number, lineDash?: number[]) =>
    new Style({ stroke: new Stroke({ color: border, width, ...(lineDash && { lineDash }) }) });
  return {
    land: new Style({ fill: new Fill({ color: colour('land') }) }),
    lakes: new Style({ fill: new Fill({ color: water }) }),
    coast: line(0.5),
    regions: new Style({ stroke: new Stroke({ color: colour('line'), width: 1 }) }),
    rivers: new Style({ stroke: new Stroke({ color: water, width: 1.5 }) }),
    borders: line(1.25),
    disputed: line(1.25, [5, 4]),
  };
}
