import { GatefoldError } from '../errors';
import type { Contract } from '../sponsors/sponsors';
import { SettlementModel, type SettlementRow } from './ledger.model';
import { THEIRS } from './ledger.types';

/** As long as a page of text. */
export const FEEDBACK_NOTE_MAX = 1000;

/** A sponsor's lead, as the ledger has it now. One that never was theirs is as unknown as one that never was. */
export async function theirLead({ id }: Contract, lead: string): Promise<SettlementRow> {
  const row = await SettlementModel.findOne({ _id: `${id}/${lead}`, contract: id }).lean();
  if (row && (THEIRS.includes(row.decision) || row.decision === 'returned')) return row;
  throw new GatefoldError('not-found', 'unknown-lead', {
    log: 'no such lead under the contract',
    reader: `${lead.slice(0, 40) || 'An empty reference'} is not the reference of a lead of yours here.`,
    wayOut: 'Take it from the column lead_id of an export.',
  });
}

/** @throws GatefoldError `note-too-long` */
export function readNote(text: string): string {
  const note = text.normalize('NFC').trim();
  if ([...note].length <= FEEDBACK_NOTE_MAX) return note;
  throw new GatefoldError('invalid', 'note-too-long', `A note has at most ${FEEDBACK_NOTE_MAX} characters.`);
}

/** @throws GatefoldError `code-unknown` */
export function readCode<Code extends string>(codes: Record<Code, string>, typed: string): Code {
  const known = (Object.keys(codes) as Code[]).find((code) => code === typed.trim());
  if (known) return known;
  throw new GatefoldError('invalid', 'code-unknown', {
    log: 'an unknown code',
    reader: `“${typed.slice(0, 40)}” is none of ${Object.keys(codes).join(', ')}.`,
  });
}
