import { createHash } from 'node:crypto';
import { type Contract, type Counted, duplicateOf, mailboxOf } from '../sponsors/sponsors';
import { isDuplicateKey } from '../store/duplicate';
import { PersonModel } from './ledger.model';

interface Asking {
  lead: string;
  campaign: string;
  /** As `leads.emailKey` spells it. */
  address: string;
  at: Date;
}

/**
 * Notes that a person's lead counts under a contract, unless the contract calls it a duplicate of one that counts
 * already. One row is the judge of one person: of two of their leads at once, the second sees the first.
 * @returns the evidence when it is a duplicate, else null
 */
export async function claimPerson(contract: Contract, asking: Asking): Promise<string | null> {
  const { lead, campaign, address, at } = asking;
  const _id = hashOf(mailboxOf(address));
  for (;;) {
    const row = await PersonModel.findOne({ _id }).lean();
    const counts = row?.counts ?? [];
    if (counts.some((one) => one.contract === contract.id && one.lead === lead)) return null;
    const entry = { contract: contract.id, sponsor: contract.sponsor, campaign, lead, address: hashOf(address), at };
    const duplicate = duplicateOf(contract, entry, counts);
    if (duplicate !== null) return duplicate;
    if (row) {
      const seen = { _id, revision: row.revision };
      const { matchedCount } = await PersonModel.updateOne(seen, { $push: { counts: entry }, $inc: { revision: 1 } });
      if (matchedCount === 1) return null;
    } else if (await isCreated({ _id, counts: [entry], revision: 0 })) return null;
  }
}

/** The lead no longer counts there: another of the same person may. */
export async function freePerson(contract: string, lead: string, address: string): Promise<void> {
  const _id = hashOf(mailboxOf(address));
  await PersonModel.updateOne({ _id }, { $pull: { counts: { contract, lead } }, $inc: { revision: 1 } });
}

async function isCreated(row: Parameters<typeof PersonModel.create>[0]): Promise<boolean> {
  try {
    await PersonModel.create(row);
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
}

/** Only to be found again, never to be read. */
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** All leads of a mailbox that count anywhere. */
export async function countsOfMailbox(mailbox: string): Promise<Counted[]> {
  return (await PersonModel.findOne({ _id: hashOf(mailbox) }).lean())?.counts ?? [];
}
