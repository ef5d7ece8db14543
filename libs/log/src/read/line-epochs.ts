import type { Epochs } from '#libs/domain';
import type { LineChunk } from './range-reading.js';

/** The end of a line: the fields that the store adds. Inside of a JSON text quotes are escaped, and lines do not end. */
const PLACE = /"position":(\d+),("recordedAt":"[^"]*","digest":"[0-9a-f]{64}","chain":"[0-9a-f]{64}")\}\n/g;

/** Lines of events, with the epoch of those that were recorded in a later one than the first. */
export const withEpochs = ({ shard, lines }: Pick<LineChunk, 'shard' | 'lines'>, epochs: Epochs): string =>
  lines.replace(PLACE, (line, position: string, rest: string) => {
    const epoch = epochs.of(shard, Number(position));
    return epoch === 0 ? line : `"position":${position},${rest},"epoch":${epoch}}\n`;
  });
