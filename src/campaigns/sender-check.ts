import { examine } from '../mail/mail';
import { type MailSettings, setUpOf } from './mail-set-up';
import { SenderCheckModel } from './sender-check.model';
import { site } from './site';

const PATIENCE_MS = 6000;

/** Asks DNS whether mail may go out under the sender's name, and keeps the answer. Without a mail server none goes out. */
export async function checkSender(settings: MailSettings, now: Date): Promise<void> {
  if (settings.smtpUrl === undefined) {
    await SenderCheckModel.deleteOne({ _id: 'sender' });
    return;
  }
  const { mailFrom } = await site();
  const late = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null).unref());
  const checks = await Promise.race([examine(await setUpOf(settings)), late]);
  if (!checks) return;
  const troubles = checks
    .filter(({ what, state }) => state === 'bad' && what !== 'Mail server')
    .map(({ what, about, found }) => `${what} of ${about}: ${found}.`);
  await SenderCheckModel.updateOne({ _id: 'sender' }, { $set: { mailFrom, troubles, at: now } }, { upsert: true });
}

/** What was wrong with the sender's domain; null when nobody has looked since the address was changed. */
export async function senderTroubles(mailFrom: string): Promise<string[] | null> {
  const row = await SenderCheckModel.findOne({ _id: 'sender', mailFrom }).lean();
  return row?.troubles ?? null;
}
