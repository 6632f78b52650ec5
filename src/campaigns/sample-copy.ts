import { GatefoldError } from '../errors';
import {
  type Compiled,
  compile,
  fill,
  type Picture,
  pagePicture,
  personalise,
  type Reader,
  StampError,
  type StampOptions,
} from '../stamping/stamping';
import { readFile } from '../store/files';
import type { Campaign } from './campaign.types';
import { compileWhitepaper, masterOf } from './masters';

/** Pixels across: the smallest stamp can be read. */
const PICTURE_WIDTH = 1000;
/** What staff try is compiled in memory: a few, of no more than this together. */
const KEPT = 4;
const KEPT_BYTES = 100_000_000;

/** A stamp that is being tried on a PDF of the store. */
export interface Trial {
  file: string;
  stamp: StampOptions;
}

/**
 * A page of what a reader of a campaign would get, as a picture of the copy itself. Of a draft, too.
 * @param page counted from 1; beyond the last it is the last
 * @throws GatefoldError `whitepaper-refused`, `no-whitepaper`
 */
export async function samplePage(campaign: Campaign, dataDir: string, reader: Reader, page: number): Promise<Picture> {
  const { master, pages } = await compileWhitepaper(campaign);
  const copy = personalise(await masterOf(master, dataDir), reader);
  return pagePicture(await copy.toBuffer(), Math.min(page, pages), PICTURE_WIDTH);
}

/**
 * The same of a stamp that is not saved yet. One is compiled after the other.
 * @param isWanted asked when its turn has come: who types on has no use for what they typed before
 * @throws GatefoldError `stamp-refused`
 */
export async function trialPage(
  trial: Trial,
  reader: Reader,
  page: number,
  isWanted: () => boolean,
): Promise<Picture | undefined> {
  const compiled = await compiledFor(trial, isWanted);
  if (!compiled || !isWanted()) return undefined;
  return pagePicture(fill(compiled, reader).bytes, Math.min(page, compiled.slots.pages), PICTURE_WIDTH);
}

const kept = new Map<string, Compiled>();
let last: Promise<unknown> = Promise.resolve();

function compiledFor(trial: Trial, isWanted: () => boolean): Promise<Compiled | undefined> {
  const key = JSON.stringify([trial.file, Object.entries(trial.stamp).sort()]);
  const turn = last.then(async () => kept.get(key) ?? (isWanted() ? keep(key, await compileTrial(trial)) : undefined));
  last = turn.catch(() => undefined);
  return turn;
}

async function compileTrial({ file, stamp }: Trial): Promise<Compiled> {
  const pdf = await readFile(file).catch(() => {
    throw new GatefoldError('not-found', 'no-file', {
      log: `the store has no file ${file}`,
      reader: 'This PDF is not here.',
      wayOut: 'Hand it in again.',
    });
  });
  try {
    return await compile(pdf, stamp);
  } catch (error) {
    if (!(error instanceof StampError)) throw error;
    throw new GatefoldError('unprocessable', 'stamp-refused', {
      log: `a stamp that was tried: ${error.message}`,
      reader: error.message,
      wayOut: error.advice,
    });
  }
}

/** The oldest go until the rest is small enough; the newest stays whatever its size. */
function keep(key: string, compiled: Compiled): Compiled {
  kept.set(key, compiled);
  const bytes = () => [...kept.values()].reduce((sum, { template }) => sum + template.length, 0);
  for (const oldest of kept.keys()) {
    if (oldest === key || (kept.size <= KEPT && bytes() <= KEPT_BYTES)) break;
    kept.delete(oldest);
  }
  return compiled;
}
