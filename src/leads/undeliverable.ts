import { LeadModel } from './lead.model';

/**
 * Nobody reads the lead's address: the copy came back for good. Sponsors no longer see it, and the ledger gives back its
 * place. A mailbox that was proved stays proved, and a quarantined lead stays with staff, who are told when they decide.
 * Telling it twice changes nothing.
 * @param words what the remote mail server said
 */
export async function undeliverable(id: string, words: string, at: Date): Promise<void> {
  const undelivered = { at, words };
  const { matchedCount } = await LeadModel.updateOne(
    { _id: id, status: 'active', verifiedAt: null },
    {
      $set: { status: 'undeliverable', undelivered, wantedAt: at },
      $push: { wanted: 'settle' },
      $inc: { revision: 1 },
      $unset: { settledAt: '' },
    },
  );
  if (matchedCount === 0) {
    // A proved mailbox that takes mail no longer is kept as evidence, too: its sponsor may give the lead back.
    await LeadModel.updateOne({ _id: id, status: { $in: ['active', 'quarantined'] } }, { $set: { undelivered } });
  }
}
