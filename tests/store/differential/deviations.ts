import { BSONRegExp } from 'bson';
import type { Doc } from '../../../src/store/embedded/semantics';
import { decimal, double } from '../semantics/values';
import { operatorsOf } from './expressions';
import { same, spelled } from './servers';
import { asSets, inOrder, isEmpty, isNull, keysOfGroups, type Soften, shortDecimals, values, without, zeros } from './soften'; // biome-ignore format: one line

/** A command that two servers answer differently. */
export interface Difference {
  documents: Doc[];
  command: Doc;
  ours: Doc;
  theirs: Doc;
  /** What is compared is what a write left that was answered alike. */
  left?: boolean;
}

/** What the reference engine does otherwise than MongoDB, by name, each with a case that shows it. */
export interface Deviation {
  name: string;
  /** Where it may be seen at all. */
  when?: (difference: Difference) => boolean;
  /** Two answers that are the same afterwards differ by this; several may come together. */
  soften?: Soften;
  /** Everything else that it explains. */
  covers?: (difference: Difference) => boolean;
  documents: Doc[];
  command: Doc;
}

const refused = (answer: Doc): boolean => 'error' in answer;
const answered = ({ ours, theirs }: Difference): boolean => !refused(ours) && !refused(theirs);
const stagesOf = ({ command }: Difference): Doc[] => (command['pipeline'] as Doc[] | undefined) ?? [];
const updatesOf = ({ command }: Difference): Doc => (command['updates'] as Doc[] | undefined)?.[0] ?? {};
const says =
  (...words: string[]) =>
  ({ command }: Difference): boolean =>
    words.some((word) => spelled(command).includes(word));
const said = ({ message }: Doc): string => String(message);
const groups = (one: Difference): boolean => '$group' in (stagesOf(one).at(-1) ?? {});
const changedNothing = ({ nModified }: Doc): boolean => nModified !== undefined && Number(nModified) === 0;

/**
 * No deviation: of several errors either may come first, and what nobody asks for need not be computed. The codes of errors
 * are compared where one operator is asked. What this store refuses by name (238) it does not answer wrongly.
 */
export function errorOfMany(one: Difference): boolean {
  if (answered(one)) return false;
  if (one.ours['error'] === 238) return true;
  if (Array.isArray(updatesOf(one)['u'])) return operatorsOf(updatesOf(one)['u']) > 2;
  const [first, , third] = stagesOf(one);
  if (first) return !('$match' in first && operatorsOf(third) === 2);
  return refused(one.ours) && refused(one.theirs);
}

/** Whether a difference is explained by what the reference is known for. */
export function explained(one: Difference, by: readonly Deviation[] = DEVIATIONS): boolean {
  const here = by.filter(({ when }) => !when || when(one));
  if (here.some(({ covers }) => covers?.(one))) return true;
  if (!answered(one)) return false;
  const soften: Soften = (answer) => here.reduce((softer, deviation) => deviation.soften?.(softer) ?? softer, answer);
  return same({ answer: soften(one.ours) }, { answer: soften(one.theirs) });
}

const aggregate = (...pipeline: Doc[]): Doc => ({ aggregate: 'docs', pipeline, cursor: {} });
const find = (more: Doc): Doc => ({ find: 'docs', ...more });
const update = (q: Doc, u: unknown, more: Doc = {}): Doc => ({ update: 'docs', updates: [{ q, u, ...more }] });
const changed = (change: Doc): Doc => ({ findAndModify: 'docs', query: { _id: 1 }, update: change, new: true });
const value = (expression: unknown): Doc => aggregate({ $match: {} }, { $sort: { _id: 1 } }, { $project: { value: expression } }); // biome-ignore format: one line
const group = (x: Doc, _id: unknown = null): Doc => aggregate({ $sort: { _id: 1 } }, { $group: { _id, x } });
const REMOVALS = says('$pull', '$pop', '$unset', '$rename');
const EMPTY = [{ _id: 1 }];

const QUERIES: Deviation[] = [
  {
    name: 'a projection is checked when there is a document to be shown',
    when: says('projection'),
    covers: ({ ours, theirs }) => refused(ours) && spelled(theirs['documents']) === '[]',
    documents: [],
    command: find({ projection: { a: 1, b: 0 } }),
  },
  {
    name: 'a computed `_id` may stand in an exclusion, and does not make an inclusion of a $slice',
    when: ({ command }) => /^["{]/.test(spelled((command['projection'] as Doc | undefined)?.['_id'] ?? 0)),
    covers: ({ theirs }) => !refused(theirs),
    documents: EMPTY,
    command: find({ projection: { _id: '$b', c: 0 } }),
  },
  {
    name: 'a $slice beside a computed field shows all other fields',
    when: says('$slice'),
    covers: (one) => 'projection' in one.command && answered(one),
    documents: [{ _id: 1, b: 1, c: 1 }],
    command: find({ projection: { a: { $slice: 1 }, x: '$b' } }),
  },
  {
    name: 'an empty array is sorted as null; in MongoDB it is below',
    when: (one) => spelled([one.documents, one.command]).includes('[]') && says('sort:', '$sort')(one),
    covers: (one) => answered(one) && !groups(one),
    documents: [{ _id: 1 }, { _id: 2, a: [] }],
    command: find({ sort: { a: 1, _id: 1 } }),
  },
  {
    name: 'a sort by two arrays at once is done',
    covers: ({ ours, theirs }) => said(ours).includes('parallel arrays') && !refused(theirs),
    documents: [{ _id: 1, a: [1, 2], b: [1, 2] }, { _id: 2 }],
    command: find({ sort: { a: 1, b: 1 } }),
  },
  {
    name: 'a comparison with a regular expression is let be in $elemMatch',
    covers: ({ ours, theirs }) => said(ours).startsWith("Can't have RegEx") && !refused(theirs),
    documents: [],
    command: find({ filter: { a: { $elemMatch: { b: { $lte: new BSONRegExp('x') } } } } }),
  },
  {
    name: 'distinct does not look into an array that stands at a position',
    when: ({ command }) => 'distinct' in command && /\d/.test(String(command['key'])),
    covers: answered,
    documents: [{ _id: 1, a: [[3]] }],
    command: { distinct: 'docs', key: 'a.0' },
  },
];

const UPDATES: Deviation[] = [
  {
    name: 'documents with arrays in two fields of a compound index are let in',
    covers: ({ ours, theirs }) => /error: 171/.test(spelled(ours)) && !refused(theirs),
    documents: [],
    command: { insert: 'docs2', documents: [{ _id: 1, a: [1, 2], b: [1, 2] }] },
  },
  {
    name: 'new fields come in the order of the update, and one that is replaced goes to the end',
    soften: inOrder,
    documents: EMPTY,
    command: changed({ $set: { b: 1 }, $min: { a: 1 } }),
  },
  {
    name: 'what takes away from a field that is not there makes the way to it',
    when: REMOVALS,
    soften: without(isEmpty),
    documents: EMPTY,
    command: changed({ $pop: { 'a.b': 1 }, $set: { c: 1 } }),
  },
  {
    name: 'what takes away from a field that is not there makes the way to it, and a unique index sees that',
    when: REMOVALS,
    covers: ({ ours, theirs }) => ours['error'] === 11000 || theirs['error'] === 11000,
    documents: EMPTY,
    command: { ...update({ _id: 2 }, { $pop: { 'a.b': 1 } }, { upsert: true }), update: 'docs6' },
  },
  {
    name: '$mul makes a 0 of what is missing, whatever it is multiplied by',
    when: says('$mul'),
    soften: zeros,
    documents: EMPTY,
    command: changed({ $mul: { a: decimal('0.5') } }),
  },
  {
    name: 'NaN is not below other numbers for $max and $min',
    when: (one) => says('$max', '$min')(one) && spelled([one.documents, one.command]).includes('NaN'),
    covers: ({ command }) => 'updates' in command || 'findAndModify' in command,
    documents: [{ _id: 1, a: double(Number.NaN) }],
    command: update({ _id: 1 }, { $max: { a: 1 } }),
  },
  {
    name: 'an update of many that fails changes none; in MongoDB those before the failure are changed',
    covers: (one) => one.left === true && updatesOf(one)['multi'] === true,
    documents: [{ _id: 1 }, { _id: 2, a: 'x' }],
    command: update({}, { $min: { 'a.b': 1 } }, { multi: true }),
  },
  {
    name: '$unset of a name below an array is refused',
    when: says('$unset'),
    covers: ({ ours, theirs }) => theirs['error'] === 28 && !refused(ours),
    documents: [{ _id: 1, a: [1] }],
    command: update({ _id: 1 }, { $unset: { 'a.b': '' } }),
  },
  {
    name: 'an upsert takes a regular expression in $all for an equality',
    when: (one) => updatesOf(one)['upsert'] === true && says('$all: [{"$regularExpression')(one),
    covers: () => true,
    documents: [],
    command: update({ _id: 1, a: { $all: [new BSONRegExp('x')] } }, { $set: { b: 1 } }, { upsert: true }),
  },
  {
    name: 'a document that is replaced by itself counts as modified',
    covers: ({ ours, theirs }) => changedNothing(ours) && Number(theirs['nModified']) > 0,
    documents: [{ _id: 1, a: 1 }],
    command: update({ _id: 1 }, { a: 1 }),
  },
  {
    name: 'arguments and conflicts of an update are checked when there is a document',
    covers: ({ ours, theirs }) => refused(ours) && (spelled(theirs['n']) === '0' || theirs['value'] === null),
    documents: [],
    command: update({}, { $inc: { a: 'x' } }),
  },
  {
    name: '`$` and `$[]` that lead nowhere are passed over by what does not set',
    covers: ({ ours, theirs }) => /positional operator|must exist|Cannot apply array/.test(said(ours)) && changedNothing(theirs), // biome-ignore format: one line
    documents: EMPTY,
    command: update({ _id: 1 }, { $unset: { 'a.$[]': '' } }),
  },
  {
    name: '`$` makes no way to a field that is not there',
    covers: ({ ours, theirs }) => !refused(ours) && said(theirs).startsWith('The specified path'),
    documents: [{ _id: 1, b: [2] }],
    command: update({ _id: 1, b: 2 }, { $set: { 'a.$.b': 1 } }),
  },
  {
    name: '`$` conflicts with any other element',
    covers: ({ ours, theirs }) => !refused(ours) && theirs['error'] === 40,
    documents: [],
    command: update({ a: 1 }, { $set: { 'a.$': 1 }, $inc: { 'a.b': 1 } }),
  },
  {
    name: '$setOnInsert conflicts with nothing when nothing is inserted',
    when: says('$setOnInsert'),
    covers: ({ ours, theirs }) => ours['error'] === 40 && !refused(theirs),
    documents: EMPTY,
    command: update({ _id: 1 }, { $setOnInsert: { 'a.b': 1 }, $unset: { a: '' } }),
  },
  {
    name: 'a rename of what can not be is passed over',
    when: says('$rename'),
    covers: ({ ours, theirs }) => ours['error'] === 28 && changedNothing(theirs),
    documents: [{ _id: 1, a: 1 }],
    command: update({ _id: 1 }, { $rename: { 'a.b': 'c' } }),
  },
  {
    name: 'findAndModify that changes nothing counts nothing',
    when: ({ command }) => 'findAndModify' in command,
    covers: ({ theirs }) => theirs['value'] !== null && spelled(theirs['lastErrorObject']).startsWith('{n: 0'),
    documents: EMPTY,
    command: changed({ $pull: { a: 1 } }),
  },
  {
    name: 'an empty array is not put where there is none',
    when: says('$each: []', '$slice: 0'),
    covers: ({ ours, theirs }) => Number(ours['nModified']) > 0 && changedNothing(theirs),
    documents: EMPTY,
    command: update({ _id: 1 }, { $addToSet: { a: { $each: [] } } }),
  },
];

const PIPELINES: Deviation[] = [
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
    name: '$lookup takes a regular expression for a pattern',
    when: says('$lookup'),
    covers: (one) => spelled(one.documents).includes('$regularExpression') && answered(one),
    documents: [
      { _id: 1, a: new BSONRegExp('x') },
      { _id: 2, a: 'x' },
    ],
    command: aggregate({ $sort: { _id: 1 } }, { $lookup: { from: 'docs', localField: 'a', foreignField: 'a', as: 'b' } }), // biome-ignore format: one line
  },
  {
    name: '$mergeObjects of no object in a group is an internal error',
    covers: ({ ours, theirs }) => ours['error'] === 40400 && theirs['error'] === 1,
    documents: EMPTY,
    command: group({ $mergeObjects: '$_id' }),
  },
  {
    name: '$first and $last in a group leave out what is missing, $addToSet takes it for null',
    when: groups,
    soften: without(isNull),
    documents: EMPTY,
    command: group({ $first: '$a' }),
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
    name: 'what is missing has a group beside that of null',
    when: groups,
    covers: ({ theirs }) => ((theirs['documents'] as Doc[] | undefined) ?? []).some((row) => !('_id' in row)),
    documents: [{ _id: 1, a: { b: 1 } }, { _id: 2 }, { _id: 3, a: { b: null } }],
    command: group({ $sum: 1 }, '$a.b'),
  },
  {
    name: '$avg of decimals is a double',
    when: says('$avg'),
    soften: values,
    documents: [{ _id: 1, a: decimal('0.1') }],
    command: group({ $avg: '$a' }),
  },
];

const EXPRESSIONS: Deviation[] = [
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
    name: '$dateToString ends in Z in every zone',
    when: (one) => says('$dateToString')(one) && !says('format')(one),
    covers: answered,
    documents: EMPTY,
    command: value({ $dateToString: { date: new Date(0), timezone: 'Asia/Kolkata' } }),
  },
  {
    name: '$substrCP of null looks at no number',
    when: says('$substr'),
    covers: ({ ours, theirs }) => refused(ours) && !refused(theirs),
    documents: EMPTY,
    command: value({ $substrCP: ['$a', 1, -1] }),
  },
];

export const DEVIATIONS: readonly Deviation[] = [...QUERIES, ...UPDATES, ...PIPELINES, ...EXPRESSIONS];
