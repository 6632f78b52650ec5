import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandStartedEvent } from 'mongodb';

/**
 * What the rooms ask of the store, one line for each shape of command. The list is committed: a room that asks something
 * new fails its tests until `npm run store:queries` has put it down, so that nobody widens the subset without seeing it.
 */
const LIST = join(__dirname, '../store/queries.txt');

type Doc = Record<string, unknown>;

/** Housekeeping of drivers and of the tests themselves. */
const PASSED_OVER = new Set([
  'hello',
  'ismaster',
  'endSessions',
  'dropDatabase',
  'create',
  'createIndexes',
  'listIndexes',
  'ping',
  'explain',
  'killCursors',
  'getMore',
  'listCollections',
]);

/** Tests empty collections between them. */
const EMPTYING = /^delete \S+ \{\} all$/;

const asked = new Set<string>();

/** Notes a command that a test's connection sends. */
export function note({ commandName, command }: CommandStartedEvent): void {
  if (PASSED_OVER.has(commandName)) return;
  for (const shape of shapesOf(commandName, command as Doc)) if (!EMPTYING.test(shape)) asked.add(shape);
}

/** The shapes asked for by this test file that are not on the list. With GATEFOLD_QUERIES_FILE set they go there instead. */
export function newQueries(): string[] {
  const file = process.env['GATEFOLD_QUERIES_FILE'];
  if (file) appendFileSync(file, [...asked].map((line) => `${line}\n`).join(''));
  const known = new Set(readFileSync(LIST, 'utf8').split('\n'));
  return file ? [] : [...asked].filter((line) => !known.has(line)).sort();
}

function shapesOf(name: string, command: Doc): string[] {
  const collection = String(command[name]);
  const each = (list: unknown, shape: (one: Doc) => string) =>
    (list as Doc[]).map((one) => `${name} ${collection} ${shape(one)}`);
  switch (name) {
    case 'insert':
      return [`insert ${collection}`];
    case 'update':
      return each(command['updates'], (one) =>
        joined(filterOf(one['q']), updateOf(one['u']), flag(one, 'upsert'), flag(one, 'multi')),
      );
    case 'delete':
      return each(command['deletes'], (one) => joined(filterOf(one['q']), Number(one['limit']) === 1 ? 'one' : 'all'));
    case 'findAndModify':
      return [
        `${name} ${collection} ${joined(filterOf(command['query']), updateOf(command['update']), sortOf(command), flag(command, 'upsert'), flag(command, 'new'))}`,
      ];
    case 'aggregate':
      return [`${name} ${collection} ${(command['pipeline'] as Doc[]).map(stageOf).join(' ')}`];
    default:
      return [
        `${name} ${collection} ${joined(filterOf(command['filter'] ?? command['query']), sortOf(command), projectionOf(command), flag(command, 'limit'))}`,
      ];
  }
}

const joined = (...parts: string[]): string => parts.filter(Boolean).join(' ');
const flag = (command: Doc, name: string): string => (command[name] ? name : '');
const sortOf = ({ sort }: Doc): string =>
  isDoc(sort) && size(plain(sort)) > 0 ? `sort ${JSON.stringify(plain(sort))}` : '';
const projectionOf = ({ projection }: Doc): string =>
  isDoc(projection) && size(projection) > 0 ? `project ${JSON.stringify(projection)}` : '';
const size = (value: object): number => Object.keys(value).length;

function plain(sort: Doc): Doc {
  return sort instanceof Map ? Object.fromEntries(sort) : sort;
}

function isDoc(value: unknown): value is Doc {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !('_bsontype' in value) &&
    !(value instanceof Date)
  );
}

function filterOf(filter: unknown): string {
  if (!isDoc(filter)) return '{}';
  const parts = Object.entries(filter).map(([path, value]) => `${path}: ${conditionOf(path, value)}`);
  return `{${parts.sort().join(', ')}}`;
}

function conditionOf(path: string, value: unknown): string {
  if (path.startsWith('$') && Array.isArray(value)) return `[${value.map(filterOf).join(', ')}]`;
  if (!isDoc(value) || !Object.keys(value)[0]?.startsWith('$')) return 'eq';
  return Object.keys(value).sort().join('+');
}

function updateOf(update: unknown): string {
  if (!isDoc(update)) return '';
  const operators = Object.keys(update);
  return operators[0]?.startsWith('$') ? operators.sort().join('+') : 'replace';
}

function stageOf(stage: Doc): string {
  const [[name, value] = ['', null]] = Object.entries(stage);
  if (name === '$match') return `$match ${filterOf(value)}`;
  return `${name} ${JSON.stringify(value)}`;
}
