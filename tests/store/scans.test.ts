import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import mongoose from 'mongoose';
import '../../src/main';
import { useStore } from '../support/store';

/**
 * No list reads what it does not show: each find that the rooms send (queries.txt) is explained on the indexes of their
 * models, and whatever grows with readers is read from an index in the order asked for.
 */
useStore();

type Doc = Record<string, unknown>;

const VALUE: Record<string, unknown> = {
  eq: 'x',
  $eq: { $eq: 'x' },
  $ne: { $ne: 'x' },
  $in: { $in: ['x', 'y'] },
  $exists: { $exists: true },
  $elemMatch: { $elemMatch: { $gte: 'x', $lt: 'y' } },
  $gt: { $gt: 'x' },
  $gte: { $gte: 'x' },
  $lt: { $lt: 'x' },
  $lte: { $lte: 'x' },
  '$gte+$lt': { $gte: 'x', $lt: 'y' },
  '$gte+$lte': { $gte: 'x', $lte: 'y' },
};

/** A filter of the shape that a line of queries.txt has. */
function filterOf(shape: string): Doc {
  const json = shape
    .replace(/([\w.$]+): (?=[[{])/g, '"$1": ')
    .replace(/([\w.$]+): ([\w$+]+)/g, (_, path: string, condition: string) => {
      if (!(condition in VALUE)) throw new Error(`no value for ${condition}`);
      return `${JSON.stringify(path)}: ${JSON.stringify(VALUE[condition])}`;
    });
  return JSON.parse(json) as Doc;
}

interface Asked {
  line: string;
  collection: string;
  filter: Doc;
  sort: Doc;
  limit: number;
}

const FINDS: Asked[] = readFileSync(join(__dirname, 'queries.txt'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('find '))
  .map((line) => {
    const [, collection = '', shape = '{}', sort = '{}'] =
      /^find (\S+) (\{.*?\})(?= sort| project| limit|$)(?: sort (\{.*?\}))?/.exec(line) ?? [];
    return {
      line,
      collection,
      filter: filterOf(shape),
      sort: JSON.parse(sort) as Doc,
      limit: line.endsWith(' limit') ? 51 : 0,
    };
  });

/** What staff and sponsors make by hand, by the dozen: these may be read whole, and sorted. */
const FEW = ['accounts', 'apikeys', 'campaigns', 'campaignversions', 'contracts', 'destinations', 'exportprofiles', 'exportschedules', 'setups', 'sponsors']; // biome-ignore format: one line

/** The few rows of one lead, one address or one page: found by an index, and then sorted. */
const OF_ONE = [
  'find deliveries {lead: eq} sort {"createdAt":1,"n":1}',
  'find disclosures {_id: $in} sort {"at":1}',
  'find leads {_id: $in} sort {"capturedAt":-1,"_id":-1} limit',
  // By the beginning of an address, which is nobody's order.
  'find leads {emailKey: $gte+$lt} sort {"capturedAt":-1,"_id":-1} limit',
  'find settlements {lead: eq} sort {"contract":1}',
  'find suppressions {who: eq} sort {"at":-1,"_id":-1} limit',
];

/** What only a test asks for. */
const TESTS_OWN = ['find people {}', 'find places {n: eq} limit'];

/** The rest is the driver's (files) and the session store's. */
const MODELS = Object.values(mongoose.models).map((model) => model.collection.name);

const OFTEN = FINDS.filter(
  ({ collection, line }) => MODELS.includes(collection) && !FEW.includes(collection) && !TESTS_OWN.includes(line),
);

// The reference engine explains the SQL that it makes of a query, without the words of MongoDB's plans.
const onEmbedded = process.env['GATEFOLD_REFERENCE_URI'] ? test.skip : test;

onEmbedded.each(OFTEN.map((one) => [one.line, one] as const))(
  '%s',
  async (line, { collection, filter, sort, limit }) => {
    const cursor = mongoose.connection
      .collection(collection)
      .find(filter)
      .sort(sort as Record<string, 1>);
    const plan = await cursor.limit(limit).explain('queryPlanner');
    const stages = JSON.stringify(plan['queryPlanner'].winningPlan);
    expect(stages).toContain('IXSCAN');
    if (OF_ONE.includes(line)) expect(stages).toContain('SORT');
    else expect(stages).not.toContain('SORT');
  },
);

test('nothing is excused that is asked no more', () => {
  const lines = FINDS.map(({ line }) => line);
  expect([...OF_ONE, ...TESTS_OWN].filter((line) => !lines.includes(line))).toEqual([]);
});
