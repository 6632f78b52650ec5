import { BSONRegExp } from 'bson';
import fc from 'fast-check';
import { type Doc, isDocument } from '../../../src/store/embedded/semantics';
import { date, fieldName, number, scalar, text, value } from './documents';

/** Expressions of each kind; one in six arguments is of any other. */
type Any = fc.Arbitrary<unknown>;
const field: Any = fc.constantFrom('$a', '$b', '$c', '$a.b', '$b.c', '$missing');
const literal = (of: Any): Any => of.map((one) => ({ $literal: one }));
const call = (names: string[], ...args: Any[]): Any =>
  fc.tuple(fc.constantFrom(...names), fc.tuple(...args)).map(([op, list]): Doc => ({ [op]: list }));
const one = (names: string[], arg: Any): Any =>
  fc.tuple(fc.constantFrom(...names), arg).map(([op, given]): Doc => ({ [op]: [given] }));
const named = (op: string, args: Record<string, Any>, optional: Record<string, Any> = {}): Any =>
  fc
    .record({ ...args, ...optional }, { requiredKeys: Object.keys(args), noNullPrototype: true })
    .map((given): Doc => ({ [op]: given }));

const ZONES = ['Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/New_York', '+02:00', 'UTC'];
const UNITS = ['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'];
const zone = fc.constantFrom(...ZONES);
const unit = fc.constantFrom(...UNITS);
const small = fc.integer({ min: -3, max: 3 });

type Kind = 'any' | 'number' | 'text' | 'bool' | 'list' | 'date' | 'object';
const kindsTo = (maxDepth: number) =>
  fc.letrec<Record<Kind, unknown>>((tie) => {
    const loose = (kind: Any): Any => fc.oneof({ maxDepth }, { weight: 5, arbitrary: kind }, field, tie('any'));
    const [number_, text_, list, date_, object, any] = [
      loose(tie('number')),
      loose(tie('text')),
      loose(tie('list')),
      loose(tie('date')),
      loose(tie('object')),
      tie('any'),
    ];
    return {
      any: fc.oneof(
        { maxDepth },
        { weight: 4, arbitrary: field },
        { weight: 3, arbitrary: literal(scalar) },
        tie('number'),
        tie('text'),
        tie('bool'),
        tie('list'),
        tie('date'),
        tie('object'),
        call(['$ifNull'], any, any),
        call(['$cond'], tie('bool'), any, any),
        call(['$arrayElemAt'], list, small),
        one(['$first', '$last', '$min', '$max'], list),
        fc.tuple(tie('bool'), any, any).map(([when, then, otherwise]) => ({
          $switch: { branches: [{ case: when, then }], default: otherwise },
        })),
        named('$getField', { field: fieldName, input: object }),
        named('$reduce', {
          input: list,
          initialValue: tie('number'),
          in: fc.constant({ $add: ['$$value', '$$this'] }),
        }),
        fc.tuple(any, any).map(([v, inside]) => ({ $let: { vars: { v }, in: { $ifNull: ['$$v', inside] } } })),
        named(
          '$convert',
          { input: any, to: fc.constantFrom('int', 'long', 'double', 'decimal', 'string', 'bool', 'date', 'objectId') },
          { onError: literal(scalar), onNull: literal(scalar) },
        ),
      ),
      number: fc.oneof(
        { maxDepth },
        { weight: 4, arbitrary: literal(number) },
        { weight: 3, arbitrary: field },
        call(['$add', '$multiply', '$subtract', '$divide', '$mod'], number_, number_),
        call(['$add', '$multiply', '$sum', '$avg'], number_, number_, number_),
        one(['$abs', '$ceil', '$floor', '$sqrt', '$trunc', '$round', '$exp', '$ln', '$log10'], number_),
        call(['$round', '$trunc'], number_, fc.integer({ min: -3, max: 4 })),
        call(['$pow', '$log'], number_, small),
        one(['$sum', '$avg', '$stdDevPop', '$stdDevSamp'], list),
        one(['$toInt', '$toLong', '$toDouble', '$toDecimal'], any),
        one(['$size'], list),
        one(['$strLenCP', '$strLenBytes'], text_),
        call(['$cmp'], any, any),
        call(['$indexOfArray'], list, any),
        call(['$indexOfCP', '$indexOfBytes'], text_, text_),
        one(['$year', '$month', '$dayOfMonth', '$hour', '$dayOfWeek', '$dayOfYear', '$week', '$isoWeek'], date_),
        named('$hour', { date: date_, timezone: zone }),
        named('$dateDiff', { startDate: date_, endDate: date_, unit }, { timezone: zone }),
      ),
      text: fc.oneof(
        { maxDepth },
        { weight: 4, arbitrary: literal(text) },
        { weight: 2, arbitrary: field },
        call(['$concat'], text_, text_),
        one(['$toUpper', '$toLower', '$toString', '$type'], any),
        call(['$substrCP', '$substrBytes'], text_, small, small),
        named('$trim', { input: text_ }, { chars: text_ }),
        named('$replaceAll', { input: text_, find: text_, replacement: text_ }),
        named(
          '$dateToString',
          { date: date_ },
          { format: fc.constantFrom('%Y-%m-%d', '%G-W%V-%u', '%H:%M:%S.%L%z', '%j %U %w'), timezone: zone },
        ),
      ),
      bool: fc.oneof(
        { maxDepth },
        { weight: 3, arbitrary: call(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte'], any, any) },
        call(['$and', '$or'], any, any),
        one(['$not', '$isArray', '$isNumber', '$toBool'], any),
        call(['$in'], any, list),
        call(['$setEquals', '$setIsSubset'], list, list),
        one(['$anyElementTrue', '$allElementsTrue'], list),
        named('$regexMatch', { input: text_, regex: fc.constantFrom<unknown>('a', new BSONRegExp('^A', 'i')) }),
      ),
      list: fc.oneof(
        { maxDepth },
        { weight: 3, arbitrary: literal(fc.array(value, { maxLength: 3 })) },
        { weight: 3, arbitrary: field },
        fc.array(any, { maxLength: 3 }),
        call(['$concatArrays', '$setUnion', '$setIntersection', '$setDifference'], list, list),
        one(['$reverseArray', '$objectToArray'], fc.oneof(list, object)),
        call(['$slice'], list, small),
        call(['$slice'], list, small, fc.integer({ min: 1, max: 3 })),
        call(['$range'], small, small),
        call(['$split'], text_, text_),
        named('$filter', { input: list, cond: fc.constantFrom<unknown>('$$this', { $gt: ['$$this', 1] }) }),
        named('$map', { input: list, in: fc.constantFrom<unknown>('$$this', { $type: '$$this' }, '$$this.b') }),
        named('$sortArray', { input: list, sortBy: fc.constantFrom<unknown>(1, -1, { b: 1 }, { b: -1, c: 1 }) }),
        fc.tuple(list, list).map(([a, b]) => ({ $zip: { inputs: [a, b] } })),
      ),
      date: fc.oneof(
        { maxDepth },
        { weight: 4, arbitrary: literal(date) },
        { weight: 2, arbitrary: field },
        one(['$toDate'], any),
        call(['$add', '$subtract'], date_, number_),
        named(
          '$dateTrunc',
          { date: date_, unit },
          {
            binSize: fc.integer({ min: 1, max: 7 }),
            timezone: zone,
            startOfWeek: fc.constantFrom('monday', 'sun'),
          },
        ),
        named('$dateAdd', { startDate: date_, unit, amount: fc.integer({ min: -40, max: 40 }) }, { timezone: zone }),
        named('$dateFromParts', { year: fc.constantFrom(2000, 2024), month: small, day: small }, { timezone: zone }),
      ),
      object: fc.oneof(
        { maxDepth },
        { weight: 2, arbitrary: field },
        fc.tuple(any, any).map(([x, y]) => ({ x, y })),
        call(['$mergeObjects'], object, object),
        named('$setField', { field: fieldName, input: object, value: any }),
        fc.constantFrom<unknown>('$$ROOT', { $arrayToObject: [[['k', '$a']]] }, { $dateToParts: { date: '$a' } }),
      ),
    };
  });

const deep = kindsTo(3);
export const expression = deep.any;
export const predicate = deep.bool;
export const numeric = deep.number;

/** The operators of an expression. */
export function operatorsOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + operatorsOf(one), 0);
  if (!isDocument(value)) return 0;
  return Object.entries(value).reduce((sum, [name, one]) => {
    if (name === '$literal') return sum;
    return sum + (name.startsWith('$') ? 1 : 0) + operatorsOf(one);
  }, 0);
}

const shallow = kindsTo(1);
export const single = fc
  .oneof(shallow.number, shallow.text, shallow.bool, shallow.list, shallow.date, shallow.object, shallow.any)
  .filter((one) => operatorsOf(one) === 1);
