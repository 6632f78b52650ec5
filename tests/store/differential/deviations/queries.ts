import { BSONRegExp } from 'bson';
import type { Doc } from '../../../../src/store/embedded/semantics';
import { decimal, double } from '../../semantics/values';
import { spelled } from '../servers';
import { EMPTY, find } from './cases';
import { answered, type Deviation, groups, refused, said, says, shows } from './difference';

/** What the reference does otherwise of finds and of distinct. */
export const QUERIES: Deviation[] = [
  {
    name: 'infinity of a decimal is not that of a double',
    when: (one) => /Infinitym.*Infinityd|Infinityd.*Infinitym/.test(spelled([one.documents, one.command])),
    covers: answered,
    documents: [{ _id: 1, a: double(Infinity) }],
    command: find({ filter: { $or: [{ a: { $in: [decimal('Infinity')] } }] } }),
  },
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
    name: 'an empty array is sorted as null; in MongoDB it is below',
    when: (one) => spelled([one.documents, one.command]).includes('[]') && says('sort:', '$sort')(one),
    covers: (one) => !groups(one) && (answered(one) || 'findAndModify' in one.command),
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
    covers: ({ ours, theirs }) => /^Can't have regex/i.test(said(ours)) && !refused(theirs),
    documents: [],
    command: find({ filter: { a: { $elemMatch: { b: { $lte: new BSONRegExp('x') } } } } }),
  },
  {
    name: 'a projection may name the same path twice',
    covers: ({ ours, theirs }) => ours['error'] === 31250 && !refused(theirs),
    documents: EMPTY,
    command: find({ projection: { 'a.b': 1, a: { b: 1 } } }),
  },
  {
    name: 'beside a $slice `_id: 1` makes no inclusion',
    when: (one) => shows('$slice')(one) && shows('_id: 1', '_id: true')(one),
    covers: answered,
    documents: [{ _id: 1, a: [1], b: 1 }],
    command: find({ projection: { a: { $slice: 1 }, _id: 1 } }),
  },
  {
    name: '`_id: 0` beside an $elemMatch makes an exclusion of it',
    when: (one) => shows('$elemMatch')(one) && shows('_id: 0', '_id: false')(one),
    covers: answered,
    documents: [{ _id: 1, a: [1], b: 1 }],
    command: find({ projection: { a: { $elemMatch: { $gt: 0 } }, _id: 0 } }),
  },
  {
    name: 'distinct does not look into an array that stands at a position',
    when: ({ command }) => 'distinct' in command && /\d/.test(String(command['key'])),
    covers: answered,
    documents: [{ _id: 1, a: [[3]] }],
    command: { distinct: 'docs', key: 'a.0' },
  },
];
