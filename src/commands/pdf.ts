import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { GatefoldError } from '../errors';
import { REFERENCE } from '../leads/leads';
import { shortDate } from '../locale';
import * as stamping from '../stamping/stamping';

interface StampFlags {
  name: string;
  email: string;
  company?: string;
  ref?: string;
  date?: string;
  preset: stamping.StampOptions['preset'];
  template: string;
  margin?: number;
  size?: number;
  colour?: string;
  title?: string;
  var: Record<string, string>;
  out: string;
}

const TEMPLATE = 'Prepared for {{name}} · {{company}} · {{email}} · {{date}} · {{ref}}';
const VARIABLE = /^([A-Za-z][\w-]*)=(.*)$/s;

/** Commands on PDF files; they need no store and no server. */
export function pdfCommands(program: Command): void {
  program
    .command('stamp <in.pdf>')
    .description('write a personal copy of a PDF')
    .requiredOption('--name <name>', "the reader's name")
    .requiredOption('--email <address>', "the reader's e-mail address")
    .option('--company <company>', "the reader's company")
    .option('--ref <reference>', 'the reference to print (default: a hash of the inputs)')
    .option('--date <date>', 'the date to print (default: today)')
    .option('--preset <preset>', 'footer, header, diagonal or cover', 'footer')
    .option(
      '--template <text>',
      'the words of the stamp, with {{name}} {{company}} {{email}} {{date}} {{ref}}',
      TEMPLATE,
    )
    .option('--var <key=value>', 'a value for a variable of your own; may be given often', addVariable, {})
    .option('--margin <points>', 'distance from the edge of the page (1 point = 1/72 inch)', points)
    .option('--size <points>', 'size of the text on an A4 page', points)
    .option('--colour <colour>', 'auto, dark, light or #rrggbb', 'auto')
    .option('--title <title>', "what the cover calls the paper (default: the PDF's own title)")
    .requiredOption('--out <out.pdf>', 'where to write the copy')
    .action(stamp);
  program
    .command('inspect <in.pdf>')
    .description('say whether a PDF can be personalised, and what is in it')
    .option('--json', 'the whole report as JSON')
    .action(inspect);
  program.command('trace <file.pdf>').description('print the reference that a copy carries').action(trace);
}

/** Wrong use, so exit status 2. */
function points(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It takes a number of points.');
  return value;
}

function addVariable(text: string, known: Record<string, string>): Record<string, string> {
  const [, key = '', value = ''] = VARIABLE.exec(text) ?? [];
  if (!key) throw new InvalidArgumentError('It takes key=value; a key is letters, digits, _ and -.');
  return { ...known, [key]: value };
}

async function stamp(file: string, flags: StampFlags, command: Command): Promise<void> {
  const { name, email, company, ref, date, var: more, out, ...placement } = flags;
  const options = { ...placement, variables: Object.keys(more) };
  const [problem] = stamping.stampProblems(options);
  if (problem) command.error(`error: --${problem.option}: ${problem.says}`);
  for (const [flag, value] of Object.entries({ name, email })) {
    if (value.trim() === '')
      command.error(`error: --${flag}: takes the reader's ${flag}, for every copy names its reader`);
  }
  const pdf = await readPdf(file);
  const hash = createHash('sha256')
    .update(JSON.stringify([name, email, company ?? '']))
    .update(pdf)
    .digest('hex');
  const reader = {
    ...{ name, email, more, ref: ref ?? hash.slice(0, 12).toUpperCase(), seed: hash },
    ...(company !== undefined && { company }),
    date: date ?? shortDate(new Date(), 'en-GB', 'UTC'),
  };
  const { bytes, warnings } = await refusing(stamping.stampOnce(pdf, reader, options));
  for (const warning of warnings) process.stderr.write(`gatefold: ${warning}\n`);
  await replaceFile(out, bytes);
}

async function inspect(file: string, options: { json?: boolean }): Promise<void> {
  const report = await stamping.inspect(await readPdf(file));
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : stamping.describe(report));
  if (report.verdict === 'refused') {
    throw new GatefoldError('invalid', 'not-stampable', [report.reason, report.advice].filter(Boolean).join(' '));
  }
}

async function trace(file: string): Promise<void> {
  const found = await refusing(stamping.trace(await readPdf(file), REFERENCE));
  if (!found) throw new GatefoldError('not-found', 'no-reference', `${file} carries no reference of ours`);
  process.stdout.write(`${found.ref}\n`);
}

async function readPdf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new GatefoldError('not-found', 'no-file', code === 'ENOENT' ? `${file}: no such file` : `${file}: ${code}`);
  }
}

/** One line for a refusal: the reason and what to do about it. */
async function refusing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof stamping.StampError)) throw error;
    throw new GatefoldError('invalid', error.code, [error.message, error.advice].filter(Boolean).join(' '));
  }
}

/** Whole or not at all: an interrupted write leaves what was there. */
async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    await writeFile(part, bytes, { flush: true });
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such folder' : code === 'EISDIR' ? 'it is a folder' : code;
    throw new GatefoldError('invalid', 'not-written', `${path} can't be written: ${why}`);
  }
}
