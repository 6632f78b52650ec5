import { type Contract, PACES } from '../sponsors/sponsors';
import { isDuplicateKey } from '../store/duplicate';
import { PlaceModel, type PlaceRow } from './ledger.model';
import { periodOf } from './pace';

const NUMBERS = { n: 1, m: 1, dayN: 1, weekN: 1, monthN: 1 } as const;

type Numbered = keyof typeof NUMBERS;

/** What a place is numbered among, and how many there may be. */
interface Count {
  number: Numbered;
  among: Partial<PlaceRow>;
  limit: number;
  full: Full;
}

/** What is full. */
export type Full =
  | { rule: 'cap' | 'per-company-domain'; evidence: string }
  | { rule: 'pace:day' | 'pace:week' | 'pace:month'; evidence: string; opens: Date };

export interface Seeker {
  lead: string;
  /** The company's; a lead without one counts for itself. */
  domain: string | undefined;
  at: Date;
  /** Days are days there. */
  timeZone: string;
}

/**
 * Takes a place for a lead: one row that holds its numbers under the cap, the company's and the paces, so that it has
 * all or none. The unique keys judge: two workers on the last place can't both have it, and taking twice is taking once.
 * @returns `place`, or what is full
 */
export async function takePlace(contract: Contract, seeker: Seeker): Promise<'place' | Full> {
  const { lead } = seeker;
  const counts = countsOf(contract, seeker);
  // Each turn of the loop somebody else took a number that we saw free, so it ends when none is.
  for (;;) {
    if (await hasPlace(contract.id, lead)) return 'place';
    const row: Partial<PlaceRow> = { lead, at: seeker.at };
    for (const { number, among, limit, full } of counts) {
      const free = await freeNumber(among, number, limit);
      if (free === null) return full;
      Object.assign(row, among, { [number]: free });
    }
    if (await isInserted({ ...row, _id: `${contract.id} ${row.n}` })) return 'place';
  }
}

/** The company first: it has had its share, whatever else is free. Then the cap: waiting for tomorrow is of no use then. */
function countsOf({ id, cap, perCompanyDomain, pacing }: Contract, seeker: Seeker): Count[] {
  const { lead, domain, at, timeZone } = seeker;
  const company: Count = {
    number: 'm',
    among: { contract: id, domain: domain ?? lead },
    limit: perCompanyDomain ?? Number.POSITIVE_INFINITY,
    full: { rule: 'per-company-domain', evidence: `${perCompanyDomain} leads of ${domain} already count` },
  };
  const capped: Count = {
    number: 'n',
    among: { contract: id },
    limit: cap ?? Number.POSITIVE_INFINITY,
    full: { rule: 'cap', evidence: `all ${cap} places are taken` },
  };
  const paces = PACES.flatMap((pace): Count[] => {
    const limit = pacing?.[pace];
    if (limit === undefined) return [];
    const { key, ends } = periodOf(pace, at, timeZone);
    const full: Full = { rule: `pace:${pace}`, evidence: `${limit} leads already count on ${key}`, opens: ends };
    return [{ number: `${pace}N`, among: { contract: id, [pace]: key }, limit, full }];
  });
  return [company, capped, ...paces];
}

export async function hasPlace(contract: string, lead: string): Promise<boolean> {
  return (await PlaceModel.exists({ contract, lead })) !== null;
}

/** Gives back the place of a lead; the next lead may have it. */
export async function freePlace(contract: string, lead: string): Promise<void> {
  await PlaceModel.deleteMany({ contract, lead });
}

async function isInserted(row: Partial<PlaceRow>): Promise<boolean> {
  try {
    await PlaceModel.create(row);
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
}

/** A number from 1 to `limit` that no lead holds: the next one, or, when they have all been given once, a freed one. */
async function freeNumber(rows: Partial<PlaceRow>, number: Numbered, limit: number): Promise<number | null> {
  // Only of such rows the indexes of a pace hold entries.
  const among = { ...rows, [number]: { $exists: true } };
  const last = await PlaceModel.findOne(among, NUMBERS)
    .sort({ [number]: -1 })
    .lean();
  const highest = last?.[number] ?? 0;
  if (highest < limit) return highest + 1;
  if ((await PlaceModel.countDocuments(among)) >= limit) return null;
  // Counted and searched in one read: a cap that was lowered below what is taken must not be filled up again.
  const held = new Set((await PlaceModel.find(among, NUMBERS).lean()).map((row) => row[number]));
  if (held.size >= limit) return null;
  let free = 1;
  while (held.has(free)) free += 1;
  return free;
}
