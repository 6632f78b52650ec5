import { BSONRegExp } from 'bson';
import { decimal, double, long } from '../../semantics/values';
import { spelled } from '../servers';
import { inOrder, isEmpty, isNull, without, zeros } from '../soften';
import { changed, EMPTY, update } from './cases';
import { changedNothing, type Deviation, refused, said, says, updatesOf } from './difference';

const REMOVALS = says('$pull', '$pop', '$unset', '$rename');

/** What the reference does otherwise of writes. */
export const UPDATES: Deviation[] = [
  {
    name: '$inc and $mul take a bool for a number',
    covers: ({ ours, theirs }) => said(ours).endsWith('non-numeric type bool') && !refused(theirs),
    documents: [{ _id: 1, a: true }],
    command: update({ _id: 1 }, { $inc: { a: 1 } }),
  },
  {
    name: 'equal numbers of two types are let into a unique index',
    when: (one) => /\dm\b/.test(spelled([one.documents, one.command])),
    covers: ({ ours, theirs }) => ours['error'] === 11000 && !refused(theirs),
    documents: [{ _id: 1, a: double(2.5) }, { _id: 2 }],
    command: { ...update({ _id: 2 }, { $set: { a: decimal('2.50') } }), update: 'docs6' },
  },
  {
    name: 'constants that an expression fails of are an error also where no document is',
    covers: ({ ours, theirs }) => spelled(ours['n']) === '0' && refused(theirs),
    documents: [],
    command: update({}, [{ $set: { a: { $toInt: 'x' } } }]),
  },
  {
    name: 'a duplicate key with a long in it can not be told',
    covers: ({ theirs }) => said(theirs).includes('serialize a BigInt'),
    documents: [],
    command: {
      insert: 'docs6',
      documents: [
        { _id: 1, a: [[long(1)]] },
        { _id: 2, a: [[long(1)]] },
      ],
    },
  },
  {
    name: 'a $rename of what is not there is passed over, also where its way is not viable',
    when: says('$rename'),
    covers: ({ ours, theirs }) => ours['error'] === 28 && !refused(theirs),
    documents: [{ _id: 1, a: 'b' }],
    command: update({ _id: 1 }, { $rename: { 'a.b': 'a.x' } }),
  },
  {
    name: 'a $rename of what is not there is refused where its ways lead into arrays',
    when: says('$rename'),
    covers: ({ ours, theirs }) => !refused(ours) && [2, 9, 28].includes(Number(theirs['error'])),
    documents: [{ _id: 1, a: [1] }],
    command: update({ _id: 1 }, { $rename: { c: 'a.x' } }),
  },
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
    name: 'what takes away from an element that is not there makes it null',
    when: REMOVALS,
    soften: without(isNull),
    documents: [{ _id: 1, a: [] }],
    command: changed({ $pull: { 'a.1': 1 }, $set: { c: 1 } }),
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
    covers: ({ theirs }) => theirs['error'] === 11000,
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
    covers: ({ ours, theirs }) => [2, 28].includes(Number(theirs['error'])) && !refused(ours),
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
    covers: ({ ours, theirs }) =>
      (refused(ours) && (spelled(theirs['n']) === '0' || theirs['value'] === null)) ||
      (said(ours).includes('non-numeric argument') && !refused(theirs)),
    documents: [],
    command: update({}, { $inc: { a: 'x' } }),
  },
  {
    name: '`$` and `$[]` that lead nowhere are passed over by what does not set',
    covers: (one) =>
      /positional operator|must exist|Cannot apply array/.test(said(one.ours)) &&
      (changedNothing(one.theirs) || (REMOVALS(one) && !refused(one.theirs))),
    documents: EMPTY,
    command: update({ _id: 1 }, { $unset: { 'a.$[]': '' } }),
  },
  {
    name: '`$` makes no way to a field that is not there',
    covers: ({ ours, theirs }) => !refused(ours) && /^(The specified path|Array updates cannot)/.test(said(theirs)),
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
    name: '`$` does not conflict with `$[]`',
    covers: ({ ours, theirs }) => /\.\$(\.\w+)*' would create a conflict/.test(said(ours)) && !refused(theirs),
    documents: [{ _id: 1, a: [1] }],
    command: update({ _id: 1 }, { $set: { 'a.$[]': 2 }, $unset: { 'a.$': '' } }),
  },
  {
    name: '$setOnInsert is not looked at when nothing is inserted',
    when: says('$setOnInsert'),
    covers: ({ ours, theirs }) => (ours['error'] === 40 || /positional operator/.test(said(ours))) && !refused(theirs),
    documents: EMPTY,
    command: update({ _id: 1 }, { $setOnInsert: { 'a.b': 1 }, $unset: { a: '' } }),
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
