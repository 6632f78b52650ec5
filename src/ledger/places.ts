import type { Contract } from '../sponsors/sponsors';
import { PlaceModel, type PlaceRow } from './ledger.model';

const DUPLICATE_KEY = 11_000;
const NUMBERS = { n: 1, m: 1 } as const;

/** `place`: the lead has one. `cap` and `per-company-domain`: what is full. */
type Taking = 'place' | 'cap' | 'per-company-domain';

/**
 * Takes a place for a lead: one row that holds its number under the cap and its number under the company's, so that it
 * has both or neither. The unique keys judge: two workers on the last place can't both have it, and taking twice is
 * taking once.
 * @param domain the company's; a lead without one counts for itself
 */
export async function takePlace(contract: Contract, domain: string | undefined, lead: string): Promise<Taking> {
  const { id, cap, perCompanyDomain } = contract;
  const company = { contract: id, domain: domain ?? lead };
  // Each turn of the loop somebody else took the number that we saw free, so it ends when none is.
  for (;;) {
    if (await hasPlace(id, lead)) return 'place';
    const m = await freeNumber(company, 'm', perCompanyDomain ?? Number.POSITIVE_INFINITY);
    if (m === null) return 'per-company-domain';
    const n = await freeNumber({ contract: id }, 'n', cap ?? Number.POSITIVE_INFINITY);
    if (n === null) return 'cap';
    if (await isInserted({ _id: `${id} ${n}`, ...company, n, m, lead })) return 'place';
  }
}

export async function hasPlace(contract: string, lead: string): Promise<boolean> {
  return (await PlaceModel.exists({ contract, lead })) !== null;
}

/** Gives back the place of a lead; the next lead may have it. */
export async function freePlace(contract: string, lead: string): Promise<void> {
  await PlaceModel.deleteMany({ contract, lead });
}

async function isInserted(row: PlaceRow): Promise<boolean> {
  try {
    await PlaceModel.create(row);
    return true;
  } catch (error) {
    if ((error as { code?: number }).code !== DUPLICATE_KEY) throw error;
    return false;
  }
}

/** A number from 1 to `limit` that no lead holds: the next one, or, when they have all been given once, a freed one. */
async function freeNumber(
  among: { contract: string; domain?: string },
  number: 'n' | 'm',
  limit: number,
): Promise<number | null> {
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
