import { isDuplicateKey } from '../store/duplicate';
import { MailBudgetModel } from './delivery.model';

/** Staff who try a campaign send themselves more, and take none of what readers have. */
const TESTS_A_DAY = 50;
const DAY_MS = 86_400_000;

/**
 * Takes one of the mails (five, unless MAILS_PER_DAY says otherwise) that an address may get from a campaign within 24
 * hours, so that nobody can bomb a mailbox through a form. A place is a row: two workers can't both take the last one,
 * and a delivery that has one keeps it.
 * @param request whose mail it is; a test takes from a budget of its own
 * @returns null when taken, else when the next place is free
 */
export async function takeFromBudget(
  { campaign, test }: { campaign: string; test?: true },
  addressKey: string,
  delivery: string,
  perDay: number,
  now: Date,
): Promise<Date | null> {
  const [whose, limit] = test ? [`${campaign} test`, TESTS_A_DAY] : [campaign, perDay];
  const ids = Array.from({ length: limit }, (_, n) => `${whose} ${addressKey} ${n + 1}`);
  const held = await MailBudgetModel.find({ _id: { $in: ids }, until: { $gt: now } }).lean();
  if (held.some((row) => row.delivery === delivery)) return null;
  for (const id of ids) {
    if (held.some((row) => row._id === id)) continue;
    if (await take(id, delivery, now)) return null;
  }
  const free = held.map(({ until }) => until.getTime());
  return new Date(free.length > 0 ? Math.min(...free) : now.getTime() + 1000);
}

async function take(id: string, delivery: string, now: Date): Promise<boolean> {
  try {
    await MailBudgetModel.updateOne(
      { _id: id, until: { $lte: now } },
      { $set: { delivery, until: new Date(now.getTime() + DAY_MS) } },
      { upsert: true },
    );
    return true;
  } catch (error) {
    // The place exists and is not free: somebody was quicker.
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
