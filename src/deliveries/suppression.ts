import { domainToASCII } from 'node:url';
import { GatefoldError } from '../errors';
import * as leads from '../leads/leads';
import { isDuplicateKey } from '../store/duplicate';
import { SuppressionModel, type SuppressionRow } from './suppression.model';
import { ALL_FOLLOW_UPS, EVERYTHING, type Suppression } from './suppression.types';

/** Who is sent nothing, for one purpose or at all. Asked when a mail is about to go, so that an entry works at once. */

const ADDRESS = /^[^\s@"]+@[^\s@]+\.[^\s@]+$|^"[^"\r\n]+"@[^\s@]+$/;
const DOMAIN = /^@[^\s@]+\.[^\s@]+$/;
const PURPOSE = /^(\*|[a-z0-9][a-z0-9-]*)$/;

/** Puts an entry on the list; one that is there stays as it was. @returns whether it is new */
export async function suppress(entry: Suppression): Promise<boolean> {
  const who = whoOf(entry.who);
  try {
    await SuppressionModel.create({ ...entry, who, _id: `${entry.purpose} ${who}` });
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
}

/** Takes an entry off the list. @returns whether it was there */
export async function unsuppress(who: string, purpose: string): Promise<boolean> {
  return (await SuppressionModel.deleteOne({ _id: `${purpose} ${whoOf(who)}` })).deletedCount === 1;
}

/**
 * The entry that keeps a mail back, if any.
 * @param purpose key of the consent that a follow-up is sent under; missing for what the reader asked for
 */
export async function suppressionOf(email: string, purpose?: string): Promise<Suppression | null> {
  const row = await SuppressionModel.findOne({ _id: { $in: entriesFor(email, purpose) } }).lean();
  return row && entryOf(row);
}

/** Which of these addresses would be sent nothing for a purpose. */
export async function suppressedAmong(emails: string[], purpose: string): Promise<Set<string>> {
  const idsOf = new Map(emails.map((email) => [email, entriesFor(email, purpose)]));
  const rows = await SuppressionModel.find({ _id: { $in: [...idsOf.values()].flat() } }, { _id: 1 }).lean();
  const there = new Set(rows.map(({ _id }) => _id));
  return new Set(emails.filter((email) => idsOf.get(email)?.some((id) => there.has(id))));
}

/** The ids of every entry that would keep a mail to an address back. */
function entriesFor(email: string, purpose: string | undefined): string[] {
  const address = leads.emailKey(email);
  const domain = address.slice(address.lastIndexOf('@'));
  const purposes = purpose === undefined ? [EVERYTHING] : [EVERYTHING, ALL_FOLLOW_UPS, purpose];
  return purposes.flatMap((one) => [`${one} ${address}`, `${one} ${domain}`]);
}

/** A page of the list, newest first; `who` finds one address or `@domain`. */
export async function pageOfSuppressions(
  filter: { who?: string },
  page: { after?: { at: Date; id: string }; limit: number },
): Promise<(Suppression & { id: string })[]> {
  const { after } = page;
  const older = after && {
    at: { $lte: after.at },
    $or: [{ at: { $lt: after.at } }, { at: after.at, _id: { $lt: after.id } }],
  };
  const rows = await SuppressionModel.find({ ...(filter.who !== undefined && { who: whoOf(filter.who) }), ...older })
    .sort({ at: -1, _id: -1 })
    .limit(page.limit)
    .lean();
  return rows.map((row) => ({ id: row._id, ...entryOf(row) }));
}

/** Every entry, oldest first, as it is read. */
export async function* allSuppressions(): AsyncGenerator<Suppression> {
  for await (const row of SuppressionModel.find().sort({ _id: 1 }).lean().cursor()) yield entryOf(row);
}

/**
 * What somebody typed as address or `@domain` and purpose.
 * @throws GatefoldError `suppression-entry` when it is neither
 */
export function readEntry(who: string, purpose: string): Pick<Suppression, 'who' | 'purpose'> {
  const typed = who.trim();
  if (!ADDRESS.test(typed) && !DOMAIN.test(typed)) throw notAnEntry(`“${typed}” is no address and no @domain.`);
  const given = purpose.trim() || ALL_FOLLOW_UPS;
  if (!PURPOSE.test(given)) {
    throw notAnEntry(`“${given}” is no purpose: *, ${ALL_FOLLOW_UPS} or the key of a consent.`);
  }
  return { who: whoOf(typed), purpose: given };
}

function notAnEntry(reader: string): GatefoldError {
  return new GatefoldError('unprocessable', 'suppression-entry', { log: 'no entry for the list', reader });
}

function whoOf(text: string): string {
  const typed = text.trim();
  if (!typed.startsWith('@')) return leads.emailKey(typed);
  const domain = typed.slice(1).toLowerCase();
  return `@${domainToASCII(domain) || domain}`;
}

const entryOf = ({ _id: _, ...entry }: SuppressionRow): Suppression => entry;
