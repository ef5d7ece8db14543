const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const PARTS: Record<string, { name: string; pattern: string }> = {
  YYYY: { name: 'year', pattern: '\\d{4}' },
  MMM: { name: 'month', pattern: '[A-Za-z]{3}' },
  MM: { name: 'month', pattern: '\\d{2}' },
  M: { name: 'month', pattern: '\\d{1,2}' },
  DD: { name: 'day', pattern: '\\d{2}' },
  D: { name: 'day', pattern: '\\d{1,2}' },
  HH: { name: 'hour', pattern: '\\d{2}' },
  H: { name: 'hour', pattern: '\\d{1,2}' },
  mm: { name: 'minute', pattern: '\\d{2}' },
  ss: { name: 'second', pattern: '\\d{2}' },
};
const SYMBOL = /YYYY|MMM|MM|M|DD|D|HH|H|mm|ss/g;
const NEEDS: Record<string, string> = {
  month: 'year',
  day: 'month',
  hour: 'day',
  minute: 'hour',
  second: 'minute',
};

/** A form in which dates are written, such as `DD.MM.YYYY HH:mm`: years, months, days or times. */
export class DateForm {
  private readonly pattern: RegExp;

  /** @param offset of times from UTC: `Z` or `+02:00` @throws Error if the text is not a form */
  constructor(
    readonly form: string,
    private readonly offset = 'Z',
  ) {
    const names = [...form.matchAll(SYMBOL)].map(([symbol]) => PARTS[symbol]!.name);
    if (!names.includes('year'))
      throw new Error('must have YYYY, and may have MM, DD, HH, mm and ss (or M, MMM, D, H)');
    if (new Set(names).size < names.length) throw new Error('has a part twice');
    for (const name of names)
      if (NEEDS[name] && !names.includes(NEEDS[name]))
        throw new Error(`has the ${name} without the ${NEEDS[name]}`);
    if (names.includes('hour') && !names.includes('minute'))
      throw new Error('has the hour without the minute');
    let [pattern, at] = ['', 0];
    for (const { 0: symbol, index } of form.matchAll(SYMBOL)) {
      const { name, pattern: part } = PARTS[symbol]!;
      pattern += `${literal(form.slice(at, index))}(?<${name}>${part})`;
      at = index + symbol.length;
    }
    this.pattern = new RegExp(`^${pattern}${literal(form.slice(at))}$`);
  }

  /** The date as a statement takes it; undefined if it is not of this form. The statement checks whether the day exists. */
  read(text: string): string | undefined {
    const groups = this.pattern.exec(text)?.groups;
    if (!groups) return undefined;
    const month = groups.month === undefined ? undefined : monthOf(groups.month);
    if (month === '00') return undefined;
    const { year, day, hour, minute, second } = groups;
    const date = [year, month, day?.padStart(2, '0')].filter((part) => part !== undefined).join('-');
    return hour === undefined
      ? date
      : `${date}T${hour.padStart(2, '0')}:${minute}:${second ?? '00'}${this.offset}`;
  }
}

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const monthOf = (text: string) =>
  (/\d/.test(text) ? text : String(MONTHS.indexOf(text.toLowerCase()) + 1)).padStart(2, '0');
