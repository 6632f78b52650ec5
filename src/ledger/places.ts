import type { Contract } from '../sponsors/sponsors';
import { PlaceModel } from './ledger.model';

const DUPLICATE_KEY = 11_000;

/**
 * Takes a place for a lead: a row `{contract, n ≤ cap, lead}`. The unique keys judge, so two workers on the last place
 * can't both have it, and taking twice is taking once.
 * @returns false when all places are taken
 */
export function takePlace({ id, cap }: Contract, lead: string): Promise<boolean> {
  return takeNumber({ scope: id, contract: id }, lead, cap ?? Number.POSITIVE_INFINITY);
}

/** The same for the places of one company's domain under `perCompanyDomain`. */
export async function takeDomainPlace(contract: Contract, domain: string, lead: string): Promise<boolean> {
  const { id, perCompanyDomain } = contract;
  if (perCompanyDomain === undefined) return true;
  return takeNumber({ scope: `${id} ${domain}`, contract: id }, lead, perCompanyDomain);
}

/** Gives back what a lead held; the next lead may have the place. */
export async function freePlaces(contract: string, lead: string): Promise<void> {
  await PlaceModel.deleteMany({ contract, lead });
}

type Scope = { scope: string; contract: string };

/** Each turn of the loop somebody else took the number we saw free, so it ends when none is. */
async function takeNumber(where: Scope, lead: string, limit: number): Promise<boolean> {
  const { scope } = where;
  for (;;) {
    if (await PlaceModel.exists({ scope, lead })) return true;
    const n = await lowestFree(scope);
    if (n > limit) return false;
    try {
      await PlaceModel.create({ _id: `${scope} ${n}`, ...where, n, lead });
      return true;
    } catch (error) {
      if ((error as { code?: number }).code !== DUPLICATE_KEY) throw error;
    }
  }
}

/** The lowest number that no lead holds: a freed place is filled before a new one is opened. */
async function lowestFree(scope: string): Promise<number> {
  const taken = await PlaceModel.countDocuments({ scope });
  const highest = await PlaceModel.findOne({ scope }, { n: 1 }).sort({ n: -1 }).lean();
  if ((highest?.n ?? 0) === taken) return taken + 1;
  const held = new Set(await PlaceModel.distinct('n', { scope }));
  let n = 1;
  while (held.has(n)) n += 1;
  return n;
}
