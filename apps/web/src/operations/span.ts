/** A span of time in its largest fitting unit, as "12 minutes". */
export function spanOf(ms: number, locale: string): string {
  const [value, unit] =
    ms < 90_000
      ? [ms / 1000, 'second']
      : ms < 90 * 60_000
        ? [ms / 60_000, 'minute']
        : [ms / 3_600_000, 'hour'];
  const options = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(locale, options).format(value);
}
