import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Disk } from './disk';

/** Who serves a data folder. A process id alone says little: ids are used again. */
export interface Owner {
  pid: number;
  startedAt: string;
  bootId: string;
  socket: string;
}

const KEY = Buffer.from('owner');

/**
 * Takes the folder for this process, unless a living one has it. LMDB's write lock makes check and set one step among
 * processes.
 * @returns the living owner, or null when the folder is ours now
 */
export async function claimFolder(disk: Disk, socket: string): Promise<Owner | null> {
  const mine: Owner = { pid: process.pid, startedAt: startOf(process.pid), bootId: bootId(), socket };
  return disk.root.transaction(() => {
    const owner = ownerOf(disk);
    if (owner && isAlive(owner)) return owner;
    disk.catalogue.put(KEY, Buffer.from(JSON.stringify(mine)));
    return null;
  });
}

export async function releaseFolder(disk: Disk): Promise<void> {
  await disk.root.transaction(() => {
    disk.catalogue.remove(KEY);
  });
}

function ownerOf(disk: Disk): Owner | null {
  const bytes = disk.catalogue.get(KEY);
  return bytes ? (JSON.parse(bytes.toString()) as Owner) : null;
}

function isAlive({ pid, startedAt, bootId: boot }: Owner): boolean {
  if (boot !== bootId()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return startOf(pid) === startedAt;
}

/** When a process began, in whatever words its system has. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the name in field 2 may hold spaces and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return ask('ps', ['-o', 'lstart=', '-p', String(pid)]);
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return ask('sysctl', ['-n', 'kern.boottime']);
  }
}

function ask(program: string, args: string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}
