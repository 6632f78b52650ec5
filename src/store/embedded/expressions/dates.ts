import { Int32, Long, ObjectId, Timestamp } from 'bson';
import { type Doc, StoreError } from '../semantics';
import { isDocument } from '../semantics/values';
import { typeName } from './arithmetic';
import { intOf } from './arrays';
import { addTo, type Calendar, calendarOf, difference, isoWeek, truncated, UNITS, type Unit } from './calendar';
import { formatted } from './date-format';
import { isNullish, type Maker, type Makers, type Named, named } from './expression';
import { fromLocal, utcOf, type Zone, zoneOf } from './zones';

/** Milliseconds of a date, a timestamp or an ObjectId. @throws StoreError with this code for anything else */
export function timeOf(value: unknown, code = 16006): number {
  if (value instanceof Date) return value.getTime();
  if (value instanceof Timestamp) return value.getHighBitsUnsigned() * 1000;
  if (value instanceof ObjectId) return value.getTimestamp().getTime();
  throw new StoreError(code, `can't convert from BSON type ${typeName(value)} to Date`);
}

/** The zone of `timezone`: UTC without one, null when it is null. */
function zoneFrom(value: unknown): Zone | null {
  if (value === undefined) return zoneOf('UTC');
  if (isNullish(value)) return null;
  if (typeof value !== 'string') throw new StoreError(40517, `timezone must evaluate to a string, found ${typeName(value)}`); // biome-ignore format: one line
  return zoneOf(value);
}

/** `{$year: date}`, `{$year: [date]}` or `{$year: {date, timezone}}`. */
const part = (name: string, take: (calendar: Calendar) => Int32 | Long): Maker => {
  const run = ({ date, timezone }: Named): unknown => {
    const zone = zoneFrom(timezone);
    if (isNullish(date) || zone === null) return null;
    return take(calendarOf(timeOf(date), zone));
  };
  return (argument, compiler) => {
    const alone = Array.isArray(argument) && argument.length === 1 ? argument[0] : argument;
    const spelled = isDocument(alone) && Object.keys(alone).every((key) => !key.startsWith('$'));
    const given = spelled ? alone : { date: alone };
    return named(name, { required: ['date'], optional: ['timezone'] }, run)(given, compiler);
  };
};

const int = (take: (calendar: Calendar) => number) => (calendar: Calendar) => new Int32(take(calendar));

/** @throws StoreError 5439014 and following, as MongoDB */
function unitOf(value: unknown, name: string): Unit {
  if (typeof value !== 'string') throw new StoreError(5439013, `${name} requires 'unit' to be a string, but got ${typeName(value)}`); // biome-ignore format: one line
  const unit = UNITS.find((one) => one === value);
  if (!unit) throw new StoreError(9, `${name} parameter 'unit' value cannot be recognized as a time unit: ${value}`);
  return unit;
}

const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

function startOfWeek(value: unknown, name: string): number | null {
  if (value === undefined) return 0;
  if (isNullish(value)) return null;
  if (typeof value !== 'string') throw new StoreError(5439015, `${name} requires 'startOfWeek' to be a string, but got ${typeName(value)}`); // biome-ignore format: one line
  const day = DAYS.findIndex((one) => one === value.toLowerCase() || one.slice(0, 3) === value.toLowerCase());
  if (day === -1) throw new StoreError(9, `${name} parameter 'startOfWeek' value cannot be recognized as a day of a week: ${value}`); // biome-ignore format: one line
  return day;
}

const TRUNC = { required: ['date', 'unit'], optional: ['binSize', 'timezone', 'startOfWeek'] };

const dateTrunc = named('$dateTrunc', TRUNC, (values) => {
  const { date, unit, binSize } = values;
  const zone = zoneFrom(values['timezone']);
  const start = startOfWeek(values['startOfWeek'], '$dateTrunc');
  if (isNullish(date) || isNullish(unit) || zone === null || start === null) return null;
  if (binSize !== undefined && isNullish(binSize)) return null;
  const bin = binSize === undefined ? 1 : intOf(binSize, 5439017, `$dateTrunc requires 'binSize' to be a 64-bit integer, but got value '${String(binSize)}' of type ${typeName(binSize)}`); // biome-ignore format: one line
  if (bin <= 0) throw new StoreError(5439018, `$dateTrunc requires 'binSize' to be greater than 0, but got value ${bin}`); // biome-ignore format: one line
  return new Date(truncated(timeOf(date, 5439012), unitOf(unit, '$dateTrunc'), { bin, zone, startOfWeek: start }));
});

const shifted = (name: string, sign: 1 | -1): Maker =>
  named(name, { required: ['startDate', 'unit', 'amount'], optional: ['timezone'] }, (values) => {
    const { startDate, unit, amount } = values;
    const zone = zoneFrom(values['timezone']);
    if (isNullish(startDate) || isNullish(unit) || isNullish(amount) || zone === null) return null;
    const n = intOf(amount, 5166405, `${name} expects integer amount of time units`);
    const moved = addTo(timeOf(startDate, 5166403), unitOf(unit, name), n * sign, zone);
    if (Number.isNaN(new Date(moved).getTime())) throw new StoreError(5166406, `${name} overflowed`);
    return new Date(moved);
  });

const DIFF = { required: ['startDate', 'endDate', 'unit'], optional: ['timezone', 'startOfWeek'] };

const dateDiff = named('$dateDiff', DIFF, (values) => {
  const { startDate, endDate, unit } = values;
  const zone = zoneFrom(values['timezone']);
  const start = startOfWeek(values['startOfWeek'], '$dateDiff');
  if (isNullish(startDate) || isNullish(endDate) || isNullish(unit) || zone === null || start === null) return null;
  const n = difference(timeOf(startDate, 5166307), timeOf(endDate, 5166307), unitOf(unit, '$dateDiff'), {
    zone,
    startOfWeek: start,
  });
  return Long.fromNumber(n);
});

const TO_STRING = { required: ['date'], optional: ['format', 'timezone', 'onNull'] };

const dateToString = named('$dateToString', TO_STRING, ({ date, format, timezone, onNull }) => {
  const zone = zoneFrom(timezone);
  if (isNullish(date)) return onNull === undefined ? null : onNull;
  if (zone === null || (format !== undefined && isNullish(format))) return null;
  if (format !== undefined && typeof format !== 'string')
    throw new StoreError(18533, `$dateToString requires that 'format' be a string, found: ${typeName(format)}`);
  const utc = timezone === undefined;
  return formatted(timeOf(date), format ?? (utc ? '%Y-%m-%dT%H:%M:%S.%LZ' : '%Y-%m-%dT%H:%M:%S.%L'), zone);
});

const dateToParts = named('$dateToParts', { required: ['date'], optional: ['timezone', 'iso8601'] }, (values) => {
  const zone = zoneFrom(values['timezone']);
  if (isNullish(values['date']) || zone === null) return null;
  const at = calendarOf(timeOf(values['date']), zone);
  const time = { hour: at.hour, minute: at.minute, second: at.second, millisecond: at.ms };
  const { year: isoWeekYear, week } = isoWeek(at);
  const day: Record<string, number> =
    values['iso8601'] === true
      ? { isoWeekYear, isoWeek: week, isoDayOfWeek: at.weekday || 7 }
      : { year: at.year, month: at.month, day: at.day };
  return Object.fromEntries(Object.entries({ ...day, ...time }).map(([key, n]) => [key, new Int32(n)])) as Doc;
});

const PARTS = ['month', 'day', 'hour', 'minute', 'second', 'millisecond'];

const dateFromParts = named('$dateFromParts', { required: ['year'], optional: [...PARTS, 'timezone'] }, (values) => {
  const zone = zoneFrom(values['timezone']);
  if (zone === null || ['year', ...PARTS].some((key) => key in values && isNullish(values[key]))) return null;
  const of = (key: string, otherwise: number): number =>
    values[key] === undefined ? otherwise : intOf(values[key], 40515, `'${key}' must evaluate to an integer, found ${typeName(values[key])} with value ${String(values[key])}`); // biome-ignore format: one line
  const year = of('year', 0);
  if (year < 1 || year > 9999) throw new StoreError(40523, `'year' must evaluate to an integer in the range 1 to 9999, found ${year}`); // biome-ignore format: one line
  const local = utcOf(year, of('month', 1), of('day', 1), of('hour', 0), of('minute', 0), of('second', 0), of('millisecond', 0)); // biome-ignore format: one line
  return new Date(fromLocal(local, zone));
});

export const DATES: Makers = {
  $year: part(
    '$year',
    int(({ year }) => year),
  ),
  $month: part(
    '$month',
    int(({ month }) => month),
  ),
  $dayOfMonth: part(
    '$dayOfMonth',
    int(({ day }) => day),
  ),
  $hour: part(
    '$hour',
    int(({ hour }) => hour),
  ),
  $minute: part(
    '$minute',
    int(({ minute }) => minute),
  ),
  $second: part(
    '$second',
    int(({ second }) => second),
  ),
  $millisecond: part(
    '$millisecond',
    int(({ ms }) => ms),
  ),
  $dayOfWeek: part(
    '$dayOfWeek',
    int(({ weekday }) => weekday + 1),
  ),
  $dayOfYear: part(
    '$dayOfYear',
    int(({ dayOfYear }) => dayOfYear),
  ),
  $week: part(
    '$week',
    int(({ dayOfYear, weekday }) => Math.floor((dayOfYear + 6 - weekday) / 7)),
  ),
  $isoWeek: part(
    '$isoWeek',
    int((at) => isoWeek(at).week),
  ),
  $isoWeekYear: part('$isoWeekYear', (at) => Long.fromNumber(isoWeek(at).year)),
  $isoDayOfWeek: part(
    '$isoDayOfWeek',
    int(({ weekday }) => weekday || 7),
  ),
  $dateTrunc: dateTrunc,
  $dateAdd: shifted('$dateAdd', 1),
  $dateSubtract: shifted('$dateSubtract', -1),
  $dateDiff: dateDiff,
  $dateToString: dateToString,
  $dateToParts: dateToParts,
  $dateFromParts: dateFromParts,
};
