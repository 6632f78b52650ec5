import { BSONRegExp } from 'bson';
import { decimal, double } from '../../semantics/values';
import { same, spelled } from '../servers';
import { asSets, isNull, keysOfGroups, values, without } from '../soften';
import { aggregate, EMPTY, group } from './cases';
import { answered, type Deviation, groups, says, stagesOf } from './difference';

/** What the reference does otherwise of stages. */
export const PIPELINES: Deviation[] = [
  {
    name: '$bucket with bounds of two types of numbers does not sort the default',
    when: says('$bucket'),
    soften: asSets,
    documents: [{ _id: 1 }, { _id: 2, b: decimal('9007199254740993') }, { _id: 3 }],
    command: aggregate(
      { $sort: { _id: 1 } },
      { $unwind: { path: '$b', preserveNullAndEmptyArrays: true } },
      { $bucket: { groupBy: '$b', boundaries: [decimal('NaN'), double(1e300)], default: { z: 1 } } },
    ),
  },
  {
    name: '$count of nothing is a document',
    covers: (one) => '$count' in (stagesOf(one).at(-1) ?? {}) && spelled(one.ours['documents']) === '[]',
    documents: [],
    command: aggregate({ $count: 'n' }),
  },
  {
    name: 'a field that was taken away is seen by $addFields',
    when: (one) => says('$unset: "')(one) && says('$addFields')(one),
    covers: answered,
    documents: [{ _id: 1, a: 1 }],
    command: aggregate({ $unset: 'a' }, { $addFields: { a: '$a' } }),
  },
  {
    name: '$mergeObjects of no object in a group is an internal error',
    covers: ({ ours, theirs }) => ours['error'] === 40400 && theirs['error'] === 1,
    documents: EMPTY,
    command: group({ $mergeObjects: '$_id' }),
  },
  {
    name: 'what was taken away below a field is seen as empty by $addFields',
    when: (one) => says('$project', '$unset')(one) && says('$addFields')(one),
    covers: answered,
    documents: EMPTY,
    command: aggregate({ $project: { 'a.b.c': 0 } }, { $addFields: { b: 1 } }),
  },
  {
    name: '$lookup by a regular expression finds what it matches',
    when: (one) => says('$lookup')(one) && spelled(one.documents).includes('$regularExpression'),
    covers: answered,
    documents: [
      { _id: 1, a: new BSONRegExp('a') },
      { _id: 2, b: 'a' },
    ],
    command: aggregate(
      { $sort: { _id: 1 } },
      { $lookup: { from: 'docs0', localField: 'a', foreignField: 'b', as: 'found' } },
    ),
  },
  {
    name: 'a key of groups of which all fields are missing has a null',
    when: groups,
    soften: without(isNull),
    documents: EMPTY,
    command: group({ $sum: 1 }, { x: '$a', y: '$b' }),
  },
  {
    name: 'numbers of two types that are equal have two groups, or one by the name of the last',
    when: groups,
    covers: (one) => answered(one) && same({ keys: keysOfGroups(one.ours) }, { keys: keysOfGroups(one.theirs) }),
    documents: [
      { _id: 1, a: double(2.5) },
      { _id: 2, a: decimal('2.50') },
    ],
    command: aggregate({ $sort: { _id: 1 } }, { $unwind: '$a' }, { $group: { _id: '$a', n: { $sum: 1 } } }),
  },
  {
    name: '$avg of decimals is a double',
    when: says('$avg'),
    soften: values,
    documents: [{ _id: 1, a: decimal('0.1') }],
    command: group({ $avg: '$a' }),
  },
];
