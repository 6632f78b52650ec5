import { decimal, double } from '../../semantics/values';
import { spelled, UNREADABLE } from '../servers';
import { asSets, inCapitals, isNull, shortDecimals, values, without, zeros } from '../soften';
import { EMPTY, update, value } from './cases';
import { answered, type Deviation, refused, said, says } from './difference';

/** What the reference does otherwise of expressions. */
export const EXPRESSIONS: Deviation[] = [
  {
    name: 'sets are in no order',
    when: says('$setUnion', '$setIntersection', '$setDifference'),
    soften: asSets,
    documents: EMPTY,
    command: value({ $setUnion: [{ $literal: [3, 'a', 1] }, [2]] }),
  },
  {
    name: '$setIsSubset has one code for both arguments',
    covers: ({ ours, theirs }) => [17046, 17042].includes(Number(ours['error'])) && theirs['error'] === 17310,
    documents: EMPTY,
    command: value({ $setIsSubset: ['$a', '$a'] }),
  },
  {
    name: 'a double that becomes a decimal has 15 digits',
    soften: shortDecimals,
    documents: EMPTY,
    command: value({ $subtract: [decimal('0E+3'), double(-0)] }),
  },
  {
    name: '$add and $multiply look at all arguments before they answer null',
    when: says('$add', '$multiply'),
    covers: ({ ours, theirs }) => !refused(ours) && theirs['error'] === 14,
    documents: EMPTY,
    command: value({ $add: ['$a', 'x'] }),
  },
  {
    name: '$mod by a double is an int where the double is whole, however large',
    when: says('$mod'),
    soften: values,
    documents: EMPTY,
    command: value({ $mod: [{ $literal: 3 }, { $literal: double(2 ** 53) }] }),
  },
  {
    name: '$toUpper and $toLower leave what is no string as it is written',
    when: says('$toUpper', '$toLower'),
    soften: inCapitals,
    documents: EMPTY,
    command: value({ $toUpper: { $literal: decimal('Infinity') } }),
  },
  {
    name: '$reduce of no element makes a null of a missing initial value',
    when: says('$reduce'),
    soften: without(isNull),
    documents: EMPTY,
    command: value({ $reduce: { input: { $literal: [] }, initialValue: '$a', in: 1 } }),
  },
  {
    name: '$getField of a scalar is an error',
    when: says('$getField'),
    covers: ({ ours, theirs }) => !refused(ours) && said(theirs).includes('to init iterator'),
    documents: EMPTY,
    command: update({ _id: 1 }, [
      { $set: { b: { $getField: { field: 'c', input: { $literal: decimal('1E+6000') } } } } },
    ]),
  },
  {
    name: '$replaceAll of the empty string cuts characters in two',
    when: says('$replaceAll'),
    covers: ({ theirs }) => theirs['error'] === UNREADABLE,
    documents: EMPTY,
    command: value({ $replaceAll: { input: 'é', find: '', replacement: 'x' } }),
  },
  {
    name: 'a date that overflows is out of range, and no error',
    when: says('$add', '$subtract'),
    covers: ({ ours, theirs }) => ours['error'] === 15 && theirs['error'] !== 15,
    documents: EMPTY,
    command: value({ $subtract: [new Date(0), double(1e300)] }),
  },
  {
    name: '$trunc and $round of a huge double with places is NaN',
    when: (one) => says('$trunc', '$round')(one) && spelled([one.documents, one.command]).includes('1e+300d'),
    covers: answered,
    documents: EMPTY,
    command: value({ $trunc: [double(1e300), -1] }),
  },
  {
    name: 'decimals beyond the doubles are too large',
    when: (one) => spelled([one.documents, one.command]).includes('E+6000m'),
    covers: ({ ours, theirs }) => !refused(ours) && theirs['error'] === 241,
    documents: EMPTY,
    command: value({ $avg: [{ $literal: decimal('1E+6000') }, 1] }),
  },
  {
    name: '$log of NaN looks at no base',
    when: says('$log'),
    covers: ({ ours, theirs }) => ours['error'] === 28759 && !refused(theirs),
    documents: EMPTY,
    command: value({ $log: [double(Number.NaN), -3] }),
  },
  {
    name: '$setIntersection of an empty set looks at the other sets',
    when: says('$setIntersection'),
    covers: (one) => one.theirs['error'] === 17047 || answered(one),
    documents: EMPTY,
    command: value({ $setIntersection: [{ $literal: [] }, '$_id'] }),
  },
  {
    name: '$log and $pow have another last digit',
    when: says('$log', '$pow'),
    soften: values,
    documents: EMPTY,
    command: value({ $log: [double(0.1), 3] }),
  },
  {
    name: '$zip takes no constants',
    when: says('$zip'),
    covers: ({ theirs }) => theirs['error'] === 34468,
    documents: EMPTY,
    command: value({ $zip: { inputs: [{ $literal: [1] }] } }),
  },
  {
    name: 'what it does not have is refused with 115',
    covers: ({ theirs }) => theirs['error'] === 115,
    documents: EMPTY,
    command: value({ $stdDevPop: [[1]] }),
  },
  {
    name: '$pow makes an int 0 of what is too small',
    when: says('$pow'),
    soften: zeros,
    documents: EMPTY,
    command: value({ $pow: [double(-Infinity), -1] }),
  },
  {
    name: '$dateTrunc counts bins of days from another day',
    when: says('$dateTrunc'),
    covers: (one) => answered(one) && says('binSize')(one),
    documents: EMPTY,
    command: value({ $dateTrunc: { date: new Date(1_712_415_600_000), unit: 'day', binSize: 3 } }),
  },
  {
    name: '$dateTrunc takes the month of UTC in every zone',
    when: (one) => says('$dateTrunc')(one) && says('timezone')(one),
    covers: answered,
    documents: EMPTY,
    command: value({ $dateTrunc: { date: new Date(1), unit: 'month', timezone: 'Europe/Berlin' } }),
  },
  {
    name: '$dateAdd of days and more does not keep the time of day of a zone',
    when: (one) => says('$dateAdd', '$dateSubtract')(one) && says('timezone')(one),
    covers: answered,
    documents: EMPTY,
    command: value({
      $dateAdd: { startDate: new Date(951_782_400_000), unit: 'quarter', amount: 1, timezone: 'Australia/Lord_Howe' },
    }),
  },
  {
    name: '$dateToString ends in Z in every zone',
    when: (one) => says('$dateToString')(one) && !says('format')(one),
    covers: answered,
    documents: EMPTY,
    command: value({ $dateToString: { date: new Date(0), timezone: 'Asia/Kolkata' } }),
  },
  {
    name: '$substrCP of null looks at no number',
    when: says('$substr'),
    covers: ({ ours, theirs }) => refused(ours) && (!refused(theirs) || theirs['error'] === 16007),
    documents: EMPTY,
    command: value({ $substrCP: ['$a', 1, -1] }),
  },
];
