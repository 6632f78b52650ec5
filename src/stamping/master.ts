import { createHash, type Hash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LINE_BYTES } from './base64-lines';
import { loadFontkit } from './font-slices';
import { StampError } from './stamp-error';
import type { Compiled, Master, Slots } from './stamping.types';

const TEMPLATE = 'template.bin';
const SLOTS = 'slots.json';
const CHUNK = 256 * 1024;
/** A site has 16 masters open at most: 32 MB. */
const LARGEST_HEAD = 2 * 1024 * 1024;
/** While a master is replaced its folder is away for a moment. */
const TRIES = 5;
const PAUSE_MS = 20;
/** So many may write one master at once. */
const WRITERS = 100;

/** A master and what personalising it needs; other rooms see only `Master`. */
export interface OpenMaster extends Master {
  readonly file: FileHandle;
  /** Offset of the first slot: the bytes before it are the same in every copy. */
  readonly prefix: number;
  /** SHA-256 over the prefix; `copy()` it and go on. */
  readonly prefixHash: Hash;
  /** The template from the first slot on. */
  readonly tail: Buffer;
  /** The bytes before it, of a template that is small enough to be kept in memory. */
  readonly head?: Buffer;
  /** The template from the last whole line of base64 before the first slot on; `tail` is the end of it. */
  readonly lines: Buffer;
  /** Everything before `lines` as base64; kept from the first attachment on. */
  sharedBase64?: Buffer;
}

const mismatch = () =>
  new StampError(
    'master-mismatch',
    'The compiled PDF and its table of slots do not belong together.',
    'Publish it again.',
  );

async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Puts a folder in the place of another; of two who do so at once one comes after the other. */
async function exchange(dir: string, fresh: string, old: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await rename(dir, `${old}${tries}`).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    try {
      await rename(fresh, dir);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (tries === WRITERS || (code !== 'ENOTEMPTY' && code !== 'EEXIST')) throw error;
    } finally {
      await rm(`${old}${tries}`, { recursive: true, force: true });
    }
  }
}

/**
 * Writes template.bin and slots.json into `dir`, both or neither. What was in `dir` is replaced; masters opened before
 * go on reading what they opened.
 */
export async function writeMaster(dir: string, compiled: Compiled): Promise<void> {
  const mark = randomBytes(6).toString('hex');
  const fresh = `${dir}.${mark}.new`;
  const old = `${dir}.${mark}.old`;
  await mkdir(dirname(dir), { recursive: true });
  try {
    await mkdir(fresh);
    await writeWhole(join(fresh, TEMPLATE), compiled.template);
    await writeWhole(join(fresh, SLOTS), JSON.stringify(compiled.slots));
    await exchange(dir, fresh, old);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** The first version knew one form only: a line at the edge. */
type FirstSlots = Omit<Slots, 'version'> & { version: 1; width: number; size: number };

function upgraded({ width, size, slots, ...rest }: FirstSlots): Slots {
  const form = { arranged: 'line', shows: 'both', width, height: 16, size } as const;
  return { ...rest, version: 2, slots: slots.map((slot) => (slot.kind === 'form' ? { ...slot, form } : slot)) };
}

function parseSlots(text: string): Slots {
  const read = JSON.parse(text) as Slots | FirstSlots;
  if (![1, 2].includes(read.version) || !Array.isArray(read.slots) || read.slots.length === 0) throw mismatch();
  return read.version === 1 ? upgraded(read) : read;
}

/** Reads the whole template once: checks its hash, keeps the hash state at the first slot and the bytes from there. */
async function readTemplate(
  file: FileHandle,
  slots: Slots,
): Promise<Pick<OpenMaster, 'prefix' | 'prefixHash' | 'lines' | 'tail' | 'head'>> {
  const prefix = Math.min(...slots.slots.map((slot) => slot.offset));
  const { size } = await file.stat();
  if (size !== slots.bytes || !(prefix >= 0 && prefix < size)) throw mismatch();
  const prefixHash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK);
  const head = prefix <= LARGEST_HEAD ? Buffer.alloc(prefix) : undefined;
  for (let at = 0; at < prefix; ) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(CHUNK, prefix - at), at);
    if (bytesRead === 0) throw mismatch();
    prefixHash.update(buffer.subarray(0, bytesRead));
    head?.set(buffer.subarray(0, bytesRead), at);
    at += bytesRead;
  }
  const lead = prefix % LINE_BYTES;
  const lines = Buffer.alloc(size - prefix + lead);
  await file.read(lines, 0, lines.length, prefix - lead);
  const tail = lines.subarray(lead);
  if (prefixHash.copy().update(tail).digest('hex') !== slots.template) throw mismatch();
  return { prefix, prefixHash, lines, tail, ...(head && { head }) };
}

async function openOnce(dir: string): Promise<OpenMaster> {
  const file = await open(join(dir, TEMPLATE), 'r');
  try {
    const slots = parseSlots(await readFile(join(dir, SLOTS), 'utf8'));
    const template = await readTemplate(file, slots);
    const { mtime } = await file.stat();
    return { slots, file, lastModified: mtime, ...template, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Opens and verifies the master in `dir`. Keep it and share it: opening reads the whole template, a copy doesn't.
 * @throws {StampError} `master-mismatch` when template and slots don't belong together
 */
export async function openMaster(dir: string): Promise<Master> {
  loadFontkit();
  for (let tries = 1; ; tries += 1) {
    try {
      return await openOnce(dir);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (tries === TRIES || (code !== 'ENOENT' && code !== 'master-mismatch')) throw error;
      await pause(PAUSE_MS);
    }
  }
}
