import type { ComponentChildren } from 'preact';
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { isNow, query, setQuery } from '../address/address.js';
import { only } from '../address/query.js';
import type { MapDays } from '../api/answers.js';
import { useAnswer } from '../api/question.js';
import { shownTime } from '../language/dates.js';
import { t } from '../language/language.js';
import { momentWords } from '../language/moments.js';
import { missed } from '../live/live.js';
import { daysOf, monthFrom, positionOf, type Days } from '../language/days.js';

/** Days a second. */
const SPEEDS = [1, 3, 7, 30] as const;

/** The one clock of the page: bars of changes a day, a slider over them, steps, play, and "as known then". */
export function Clock() {
  const answered = useAnswer<MapDays>(
    () => ({ path: 'v1/map/days', query: only(query.value, ['knownAt', 'ruleset']) }),
    () => missed.value,
  );
  const days = useComputed<Days>(() =>
    answered.value.data === undefined ? { dates: [], counts: [], most: 0 } : daysOf(answered.value.data),
  );
  const position = useComputed(() => positionOf(query.value['asOf'], days.value));
  const isPlaying = useSignal(false);
  const speed = useSignal<number>(3);
  const show = (to: number) => setQuery({ asOf: days.value.dates[Math.max(0, to)] }, { replace: true });
  useSignalEffect(() => {
    if (!isPlaying.value) return;
    const timer = setInterval(() => {
      const next = position.peek() + 1;
      show(next);
      if (next >= days.value.dates.length) isPlaying.value = false;
    }, 1000 / speed.value);
    return () => clearInterval(timer);
  });
  const play = () => {
    if (!isPlaying.value && position.value >= days.value.dates.length) show(0);
    isPlaying.value = !isPlaying.value;
  };
  const toNow = () =>
    setQuery({ asOf: undefined, knownAt: undefined, ruleset: undefined }, { replace: true });
  const { dates } = days.value;
  const date = dates[position.value];
  const words = date === undefined ? t('clock.now') : shownTime(date);
  const step = (label: string, text: ComponentChildren, to: number, kind = '') => (
    <button
      type="button"
      class={kind}
      aria-label={label}
      title={label}
      disabled={dates.length === 0}
      onClick={() => show(to)}
    >
      {text}
    </button>
  );
  return (
    <section class="clock" aria-label={t('clock.label')}>
      <div class="clock-head">
        <output class="clock-words" aria-live="polite">
          {momentWords(query.value).join(' · ') || t('clock.now')}
        </output>
        <span class="clock-steps">
          {step(t('clock.month-back'), '«', monthFrom(position.value, -1, days.value), 'wide-only')}
          {step(t('clock.day-back'), '‹', position.value - 1)}
          <button
            type="button"
            aria-label={t(isPlaying.value ? 'clock.pause' : 'clock.play')}
            disabled={dates.length === 0}
            onClick={play}
          >
            <svg class="play" viewBox="0 0 10 10" width="12" height="12" aria-hidden="true">
              <path d={isPlaying.value ? 'M1 0h3v10H1zM6 0h3v10H6z' : 'M1 0 10 5 1 10z'} />
            </svg>
            <span class="wide-only"> {t(isPlaying.value ? 'clock.pause' : 'clock.play')}</span>
          </button>
          {step(t('clock.day-on'), '›', position.value + 1)}
          {step(t('clock.month-on'), '»', monthFrom(position.value, 1, days.value), 'wide-only')}
          <button type="button" disabled={isNow.value} onClick={toNow}>
            {t('clock.to-now')}
          </button>
          <select
            class="wide-only"
            aria-label={t('clock.speed')}
            value={String(speed.value)}
            onChange={({ currentTarget }) => (speed.value = Number(currentTarget.value))}
          >
            {SPEEDS.map((n) => (
              <option value={n}>{t('clock.days-a-second', { n })}</option>
            ))}
          </select>
        </span>
        <KnownAt />
      </div>
      <div class="clock-track">
        <Bars days={days.value} position={position.value} />
        <input
          type="range"
          min={0}
          max={dates.length}
          step={1}
          value={position.value}
          disabled={dates.length === 0}
          aria-label={t('clock.slider')}
          aria-valuetext={words}
          onInput={({ currentTarget }) => {
            isPlaying.value = false;
            show(currentTarget.valueAsNumber);
          }}
        />
        <div class="clock-ends small faint" aria-hidden="true">
          <span>{dates[0] === undefined ? '' : shownTime(dates[0])}</span>
          <span>{t('clock.now')}</span>
        </div>
      </div>
    </section>
  );
}

/** One path for all days, since there may be thousands; each bar stands over its place on the slider. */
function Bars({ days: { counts, most }, position }: { days: Days; position: number }) {
  if (most === 0) return <svg class="clock-bars" aria-hidden="true" />;
  const half = Math.min(0.4, counts.length / 100);
  const bar = (count: number, day: number) =>
    count === 0 ? '' : `M${day - half} 30V${30 - Math.max(1.5, (count / most) * 29)}h${2 * half}V30Z`;
  const bars = (from: number, to: number) =>
    counts
      .slice(from, to)
      .map((count, at) => bar(count, from + at))
      .join('');
  return (
    <svg class="clock-bars" viewBox={`0 0 ${counts.length} 30`} preserveAspectRatio="none" aria-hidden="true">
      <path class="past" d={bars(0, position + 1)} />
      <path class="later" d={bars(position + 1, counts.length)} />
    </svg>
  );
}

/** The second clock, for who asks what could be known at a time. */
function KnownAt() {
  const known = query.value['knownAt'];
  return (
    <details class="known">
      <summary>{t('clock.known')}</summary>
      <p class="small">{t('clock.known-why')}</p>
      <label>
        <span class="unseen">{t('clock.known')}</span>
        <input
          type="date"
          value={known?.slice(0, 10) ?? ''}
          onChange={({ currentTarget }) => setQuery({ knownAt: currentTarget.value })}
        />
      </label>{' '}
      {known !== undefined && (
        <button type="button" onClick={() => setQuery({ knownAt: undefined })}>
          {t('clock.known-all')}
        </button>
      )}
    </details>
  );
}
