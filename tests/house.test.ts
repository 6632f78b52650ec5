import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/**
 * The law of the doors (docs/architecture.md), read off the import lines. When the law itself is wrong, change it here,
 * in the open, with the reason.
 */
const SRC = join(__dirname, '../src');
const ROOMS = [
  'stamping',
  'jobs',
  'mail',
  'events',
  'accounts',
  'sponsors',
  'campaigns',
  'leads',
  'ledger',
  'deliveries',
  'exports',
  'destinations',
  'privacy',
  'insights',
  'landing',
];
const FLOOR = [
  'config',
  'limits',
  'errors',
  'links',
  'locale',
  'network',
  'sealed',
  'target',
  'words',
  'store/store',
  'store/scope',
  'store/owned',
  'store/driver',
  'store/duplicate',
  'store/files',
  'store/backup',
];
/** Start-up files stand outside the rooms and may open any door. */
const START_UP = ['main', 'cli', 'app', 'worker', 'log'];
const isStartUp = (name: string) => START_UP.includes(name) || name.startsWith('commands/');
const ROUTES = /(^|\/)([a-z-]+\.)?routes$/;

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

const files = sources(SRC).map((path) => ({
  name: relative(SRC, path).replace(/\.ts$/, ''),
  text: readFileSync(path, 'utf8'),
}));

/** Imports of a file: ours as a path below src without extension, packages as `package:name`. */
function importsOf(file: { name: string; text: string }): Import[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?[^;'"]*?from\s+['"]([^'"]+)['"]|(?:require|import)\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g;
  return [...file.text.matchAll(pattern)].map((match) => {
    const target = match[2] ?? match[3] ?? match[4] ?? '';
    const to = target.startsWith('.')
      ? relative(SRC, resolve(SRC, dirname(file.name), target)).replace(/\.(ts|js)$/, '')
      : `package:${target}`;
    return { from: file.name, to, typeOnly: Boolean(match[1]) };
  });
}

const imports = files.flatMap(importsOf);
const own = imports.filter((line) => !line.to.startsWith('package:'));
const roomOf = (name: string) => name.split('/')[0] ?? '';
const isRoom = (name: string) => ROOMS.includes(roomOf(name)) && name.includes('/');
const isDoor = (name: string) => name === `${roomOf(name)}/${roomOf(name)}`;
const isTypes = (name: string) => name.endsWith('.types');
const isRoute = (name: string) => ROUTES.test(name);
const show = (lines: Import[]) => lines.map((line) => `${line.from} -> ${line.to}`);

test('the import lines are read at all', () => {
  expect(own.length).toBeGreaterThan(50);
  expect(
    importsOf({ name: 'leads/x', text: "import { a } from '../jobs/jobs';\nimport type { B } from '../mail/mail';" }),
  ).toEqual([
    { from: 'leads/x', to: 'jobs/jobs', typeOnly: false },
    { from: 'leads/x', to: 'mail/mail', typeOnly: true },
  ]);
});

test('every folder of src is a room of the house, the store, web or a command', () => {
  const known = new Set([...ROOMS, 'store', 'web', 'commands']);
  expect(files.map((file) => file.name).filter((name) => name.includes('/') && !known.has(roomOf(name)))).toEqual([]);
});

test('a room is entered by its front door (or its types) only', () => {
  const climbing = own.filter((line) => isRoom(line.to) && roomOf(line.from) !== roomOf(line.to));
  const startUp = (line: Import) => isStartUp(line.from) && isRoute(line.to);
  expect(show(climbing.filter((line) => !isDoor(line.to) && !isTypes(line.to) && !startUp(line)))).toEqual([]);
});

test('a door calls only doors above it; routes may call any', () => {
  const downwards = own.filter(
    (line) =>
      isRoom(line.from) &&
      isRoom(line.to) &&
      !isRoute(line.from) &&
      roomOf(line.from) !== roomOf(line.to) &&
      ROOMS.indexOf(roomOf(line.to)) > ROOMS.indexOf(roomOf(line.from)),
  );
  expect(show(downwards)).toEqual([]);
});

test('nobody goes past the models, and so past whose the rows are', () => {
  // What reads by the driver itself narrows its filters by hand (store/owned); capture has nothing to narrow.
  const may = ['leads/read', 'leads/capture', 'store/backup', 'store/files'];
  const past = /\.collection\b|\$(lookup|graphLookup|unionWith|merge|out)\b|\.watch\(/;
  const found = files.filter(({ name, text }) => !name.startsWith('store/embedded/') && past.test(text));
  expect(found.map(({ name }) => name).filter((name) => !may.includes(name) && name !== 'store/owned')).toEqual([]);
});

test('rooms never import start-up files, and routes are mounted by app.ts or by their own room', () => {
  expect(show(own.filter((line) => isStartUp(line.to) && !isStartUp(line.from)))).toEqual([]);
  // A room with many pages has several route files; one mounts the others, or shows another's page (a preview).
  const sibling = (line: Import) => isRoute(line.from) && roomOf(line.from) === roomOf(line.to);
  expect(show(own.filter((line) => isRoute(line.to) && line.from !== 'app' && !sibling(line)))).toEqual([]);
});

test('web/ is imported by routes, start-up files and itself; its types by whoever', () => {
  const guests = own.filter((line) => roomOf(line.to) === 'web' && roomOf(line.from) !== 'web' && !line.typeOnly);
  expect(show(guests.filter((line) => !isRoute(line.from) && !isStartUp(line.from)))).toEqual([]);
});

test('stamping/ and store/embedded/ import nothing of ours', () => {
  const strangers = own.filter((line) => {
    const home = ['stamping', 'store/embedded'].find((folder) => line.from.startsWith(`${folder}/`));
    return home !== undefined && !line.to.startsWith(`${home}/`);
  });
  expect(show(strangers)).toEqual([]);
});

test('the embedded store is entered by store.ts alone', () => {
  const entering = own.filter(
    (line) => line.to.startsWith('store/embedded/') && !line.from.startsWith('store/embedded/'),
  );
  expect(show(entering)).toEqual(['store/store -> store/embedded/embedded']);
});

test('the floor stands on nothing but the floor', () => {
  const rising = own.filter((line) => FLOOR.includes(line.from) && !FLOOR.includes(line.to));
  expect(show(rising)).toEqual(['store/store -> store/embedded/embedded']);
});

test('models stay inside their room', () => {
  expect(show(own.filter((line) => line.to.endsWith('.model') && roomOf(line.to) !== roomOf(line.from)))).toEqual([]);
});

test.each([
  ['pdf-lib', 'stamping'],
  ['@pdf-lib/fontkit', 'stamping'],
  ['@hyzyla/pdfium', 'stamping'],
  ['nodemailer', 'mail'],
  ['lmdb', 'store'],
])('only one room imports %s', (library, room) => {
  const users = imports.filter((line) => line.to === `package:${library}` || line.to.startsWith(`package:${library}/`));
  expect(show(users.filter((line) => roomOf(line.from) !== room))).toEqual([]);
});

test('express is spoken by routes, web and app only', () => {
  const speakers = imports.filter((line) => line.to === 'package:express' && !line.typeOnly);
  expect(
    show(speakers.filter((line) => !isRoute(line.from) && roomOf(line.from) !== 'web' && line.from !== 'app')),
  ).toEqual([]);
});

test('process.env is read in config.ts alone', () => {
  const readers = files.filter((file) => /process\.env|process\[['"]env/.test(file.text)).map((file) => file.name);
  expect(readers).toEqual(['config']);
});

test('files stay small enough to read', () => {
  const long = files
    .map((file) => [file.name, file.text.split('\n').length] as const)
    .filter(([, lines]) => lines > 300);
  expect(long).toEqual([]);
});
