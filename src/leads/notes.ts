import { randomBytes } from 'node:crypto';
import { GatefoldError } from '../errors';
import { NoteModel } from './lead.model';
import type { LeadNote } from './lead.types';

/** As long as a page of text; what is longer belongs elsewhere. */
export const NOTE_MAX = 4000;

/** What staff know about a lead and readers never see. It goes when the lead is erased. */
export async function addNote(lead: string, { by, text, at }: Omit<LeadNote, 'id'>): Promise<void> {
  const words = text.normalize('NFC').trim();
  if (words === '' || [...words].length > NOTE_MAX) {
    throw new GatefoldError('invalid', 'note-invalid', {
      log: 'a note that is empty or too long',
      reader: words === '' ? 'The note is empty.' : `A note has at most ${NOTE_MAX} characters.`,
      wayOut: words === '' ? 'Write what the others should know.' : 'Shorten it, or write two.',
    });
  }
  await NoteModel.create({ _id: randomBytes(9).toString('base64url'), lead, by, text: words, at });
}

/** The notes of a lead, oldest first. */
export async function notesOf(lead: string): Promise<LeadNote[]> {
  const rows = await NoteModel.find({ lead }).sort({ at: 1 }).lean();
  return rows.map(({ _id, by, text, at }) => ({ id: _id, by, text, at }));
}
