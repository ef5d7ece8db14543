import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Interval } from '../api/place-answers.js';
import { shownTime } from '../language/dates.js';
import { listed, t } from '../language/language.js';
import { partyName } from '../language/parties.js';
import { SHAPES } from '../look/shapes.js';
import { bandOf, endOf, type Segment, statusOf, ticksOf } from './band.js';
import { Patterns } from './band-patterns.js';
import { type Exactness, unsureAfter } from './exactness.js';

const HEIGHT = 52;
const TOP = 6;
const LEAST = 5;
const TICK_WIDTH = 96;

interface BandProps {
  intervals: readonly Interval[];
  current: Interval | undefined;
  asOf: string | null;
  knownAt: string | null;
  /** How exactly an instant is known. */
  exactly: (at: string) => Exactness | undefined;
  onShow: (interval: Interval) => void;
}

/** The intervals along a line of time. The table beside it says the same, and has what the keyboard needs. */
export function Band({ intervals, current, asOf, knownAt, exactly, onShow }: BandProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(720);
  useEffect(() => {
    const watching = new ResizeObserver(([entry]) => {
      if (entry !== undefined && entry.contentRect.width > 0)
        width.value = Math.floor(entry.contentRect.width);
    });
    watching.observe(box.current!);
    return () => watching.disconnect();
  }, []);
  const [first] = intervals;
  if (first === undefined) return <div ref={box} />;
  const end = endOf(intervals, knownAt, Date.now());
  const start = Date.parse(first.from);
  const segments = bandOf(intervals, end, width.value, LEAST);
  const ticks = ticksOf(start, end, width.value, Math.max(1, Math.floor(width.value / TICK_WIDTH)));
  const now = asOf === null ? undefined : ((Date.parse(asOf) - start) / (end - start)) * width.value;
  return (
    <div ref={box} class="band">
      <svg
        width={width.value}
        height={HEIGHT + TOP + 20}
        role="img"
        aria-label={t('history.band', {
          n: intervals.length,
          from: shownTime(first.from),
          to: shownTime(end),
        })}
      >
        <Patterns />
        {segments.map((segment) => (
          <Piece
            key={segment.intervals[0]!.from}
            segment={segment}
            isCurrent={current !== undefined && segment.intervals.includes(current)}
            exactly={exactly}
            scale={width.value / (end - start)}
            onShow={onShow}
          />
        ))}
        {ticks.map(({ x, at, precision }) => (
          <g key={at} class="tick">
            <line x1={x} x2={x} y1={TOP + HEIGHT} y2={TOP + HEIGHT + 5} />
            {x < width.value - 50 && (
              <text x={x + 3} y={TOP + HEIGHT + 16}>
                {shownTime(at, precision)}
              </text>
            )}
          </g>
        ))}
        {now !== undefined && now >= 0 && now <= width.value && (
          <line class="looked-at" x1={now} x2={now} y1={0} y2={TOP + HEIGHT + 4} />
        )}
      </svg>
    </div>
  );
}

/** Room of a letter of the label. */
const LETTER = 7.6;

function Piece({
  segment,
  isCurrent,
  exactly,
  scale,
  onShow,
}: Pick<BandProps, 'exactly' | 'onShow'> & {
  segment: Segment;
  isCurrent: boolean;
  /** Pixels of a millisecond. */
  scale: number;
}) {
  const { x, width, intervals } = segment;
  const last = intervals.at(-1)!;
  const status = statusOf(segment);
  const word = status === undefined ? t('history.changes', { n: intervals.length }) : t(`status.${status}`);
  const holders = intervals.length === 1 ? listed(last.holders.map(partyName).toSorted()) : '';
  const inner = Math.max(0, width - 1);
  const shown = (at: string) => shownTime(at, exactly(at));
  const { from } = intervals[0]!;
  const unsure = Math.min(inner, unsureAfter(from, exactly(from)) * scale);
  const fits = (text: string, left: number) => text.length * LETTER + left + 6 < inner;
  return (
    <g class={`piece of-${status ?? 'several'}${isCurrent ? ' current' : ''}`} onClick={() => onShow(last)}>
      <title>{`${word}${holders === '' ? '' : `: ${holders}`}, ${shown(from)} – ${
        last.to === null ? t('history.lasts') : shown(last.to)
      }`}</title>
      <rect class="tint" x={x} y={TOP} width={inner} height={HEIGHT} />
      <rect x={x} y={TOP} width={inner} height={HEIGHT} fill={`url(#band-${status ?? 'several'})`} />
      {unsure > 2 ? (
        <rect class="unsure" x={x} y={TOP} width={unsure} height={HEIGHT} />
      ) : (
        <rect class="edge" x={x} y={TOP} width={Math.max(1, Math.min(inner, 2))} height={HEIGHT} />
      )}
      {status !== undefined && inner > 22 && (
        <path
          class={`shape${SHAPES[status].isRing ? ' ring' : ''}`}
          d={SHAPES[status].path}
          transform={`translate(${x + 14} ${TOP + 16})`}
        />
      )}
      {fits(word, 26) && (
        <text x={x + 26} y={TOP + 21}>
          {word}
        </text>
      )}
      {holders !== '' && fits(holders, 8) && (
        <text class="holders" x={x + 8} y={TOP + 42}>
          {holders}
        </text>
      )}
    </g>
  );
}
