import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { GatefoldError } from '../errors';
import { REFERENCE } from '../leads/leads';
import { shortDate } from '../locale';
import * as stamping from '../stamping/stamping';

interface StampOptions {
  name: string;
  email: string;
  company?: string;
  ref?: string;
  out: string;
}

const TEMPLATE = 'Prepared for {{name}} · {{company}} · {{email}} · {{date}} · {{ref}}';

/** Commands on PDF files; they need no store and no server. */
export function pdfCommands(program: Command): void {
  program
    .command('stamp <in.pdf>')
    .description('write a personal copy of a PDF')
    .requiredOption('--name <name>', "the reader's name")
    .requiredOption('--email <address>', "the reader's e-mail address")
    .option('--company <company>', "the reader's company")
    .option('--ref <reference>', 'the reference to print (default: a hash of the inputs)')
    .requiredOption('--out <out.pdf>', 'where to write the copy')
    .action(stamp);
  program
    .command('inspect <in.pdf>')
    .description('say whether a PDF can be personalised, and what is in it')
    .option('--json', 'the whole report as JSON')
    .action(inspect);
  program.command('trace <file.pdf>').description('print the reference that a copy carries').action(trace);
}

async function stamp(file: string, options: StampOptions): Promise<void> {
  const pdf = await readPdf(file);
  const inputs = [options.name, options.email, options.company ?? ''];
  const hash = createHash('sha256').update(JSON.stringify(inputs)).update(pdf).digest('hex');
  const reader = {
    name: options.name,
    email: options.email,
    ...(options.company !== undefined && { company: options.company }),
    date: shortDate(new Date(), 'en-GB', 'UTC'),
    ref: options.ref ?? hash.slice(0, 12).toUpperCase(),
    seed: hash,
  };
  const { bytes, warnings } = await refusing(stamping.stampOnce(pdf, reader, { preset: 'footer', template: TEMPLATE }));
  for (const warning of warnings) process.stderr.write(`gatefold: ${warning}\n`);
  await replaceFile(options.out, bytes);
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
    throw error;
  }
}
