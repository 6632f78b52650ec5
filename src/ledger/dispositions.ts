import { randomBytes } from 'node:crypto';
import { GatefoldError } from '../errors';
import type { Contract } from '../sponsors/sponsors';
import { readCode, readNote, theirLead } from './feedback';
import { DispositionModel, type DispositionRow } from './feedback.model';
import { DISPOSITIONS, type Disposition } from './feedback.types';

/**
 * A sponsor says what became of a lead. Each is kept and the newest stands; the same once more changes nothing.
 * @throws GatefoldError `unknown-lead`, `code-unknown`, `note-too-long`, `lead-returned`
 */
export async function dispose(
  contract: Contract,
  said: { lead: string; disposition: string; note: string; by: string },
  now: Date,
): Promise<Disposition> {
  const [code, note] = [readCode(DISPOSITIONS, said.disposition), readNote(said.note)];
  const { lead, decision } = await theirLead(contract, said.lead.trim());
  if (decision === 'returned') {
    throw new GatefoldError('conflict', 'lead-returned', 'This lead was given back; it is yours no longer.');
  }
  const known = (await dispositionsOfLead(contract, lead)).at(-1);
  if (known?.code === code && known.note === note) return known;
  const disposition = { contract: contract.id, lead, code, note, at: now, by: said.by };
  await DispositionModel.create({ _id: randomBytes(9).toString('base64url'), ...disposition });
  return disposition;
}

/** What was said of one lead, oldest first. */
export async function dispositionsOfLead({ id: contract }: Contract, lead: string): Promise<Disposition[]> {
  return (await DispositionModel.find({ contract, lead }).sort({ at: 1 }).lean()).map(dispositionOf);
}

/** A page of what was said under a contract, newest first; pages count from 1. */
export async function dispositionsOf(
  { id: contract }: Contract,
  { page, size }: { page: number; size: number },
): Promise<Disposition[]> {
  const rows = await DispositionModel.find({ contract })
    .sort({ at: -1, _id: -1 })
    .skip((page - 1) * size)
    .limit(size)
    .lean();
  return rows.map(dispositionOf);
}

const dispositionOf = ({ _id, ...row }: DispositionRow): Disposition => row;
