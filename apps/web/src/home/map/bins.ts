import Feature from 'ol/Feature.js';
import Point from 'ol/geom/Point.js';
import VectorLayer from 'ol/layer/Vector.js';
import type Map from 'ol/Map.js';
import { fromLonLat } from 'ol/proj.js';
import VectorSource from 'ol/source/Vector.js';
import Circle from 'ol/style/Circle.js';
import Fill from 'ol/style/Fill.js';
import Style from 'ol/style/Style.js';
import Text from 'ol/style/Text.js';
import type { MapBins } from '../../api/answers.js';
import { colour } from '../../look/colours.js';

/** Counts of places where there are too many to be sent; the colour is that of the status that most of them have. */
export function binsLayer(map: Map, { columns, statuses }: MapBins): VectorLayer {
  const most = columns.count.reduce((a, b) => Math.max(a, b), 1);
  const features = columns.count.map((count, cell) => {
    const feature = new Feature(new Point(fromLonLat([columns.lon[cell]!, columns.lat[cell]!])));
    const byStatus = columns.status.map((counts) => counts[cell]!);
    const status = statuses[byStatus.indexOf(Math.max(...byStatus))]!;
    feature.setStyle(
      new Style({
        image: new Circle({
          radius: 6 + 16 * Math.sqrt(count / most),
          fill: new Fill({ color: colour(status) }),
        }),
        text: new Text({
          text: String(count),
          fill: new Fill({ color: colour('paper') }),
          font: 'bold 11px sans-serif',
        }),
      }),
    );
    return feature;
  });
  const layer = new VectorLayer({ source: new VectorSource({ features }) });
  map.addLayer(layer);
  return layer;
}
