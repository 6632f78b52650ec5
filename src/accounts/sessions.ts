import { randomBytes } from 'node:crypto';
import { SessionModel, type SessionRow } from './account.model';
import type { SignedIn } from './account.types';

const HOUR_MS = 3_600_000;
/** Someone who does nothing for this long signs in anew. */
const IDLE_MS = 12 * HOUR_MS;
/** A click this soon after the last one is not worth a write. */
const TOUCH_MS = 60_000;
const USER_AGENT_MAX = 300;

interface From {
  ip: string;
  userAgent: string;
}

/** A person is signed in from now on in this browser. */
export async function openSession(account: string, { ip, userAgent }: From, now: Date): Promise<string> {
  const _id = randomBytes(12).toString('base64url');
  const kept = { ip, userAgent: userAgent.slice(0, USER_AGENT_MAX) };
  await SessionModel.create({ _id, account, since: now, seenAt: now, ...kept, expiresAt: expiry() });
  return _id;
}

/** Whether the session stands; notes that its person is here. The store forgets it when nobody was for twelve hours. */
export async function sessionStands(id: string | undefined, account: string, now: Date): Promise<boolean> {
  if (id === undefined) return false;
  const row = await SessionModel.findOne({ _id: id, account }).lean();
  if (!row) return false;
  const stale = Math.abs(now.getTime() - row.seenAt.getTime()) > TOUCH_MS;
  if (stale) await SessionModel.updateOne({ _id: id }, { $set: { seenAt: now, expiresAt: expiry() } });
  return true;
}

/** The store's clock judges, which is the machine's. */
const expiry = (): Date => new Date(Date.now() + IDLE_MS);

/** Where a person is signed in, the latest first. */
export async function listSessions(account: string): Promise<SignedIn[]> {
  const rows = await SessionModel.find({ account }).sort({ seenAt: -1 }).lean();
  return rows.map(signedInOf);
}

function signedInOf({ _id, since, seenAt, ip, userAgent }: SessionRow): SignedIn {
  return { id: _id, since, seenAt, ip, userAgent };
}

/** Ends one session of a person; another's is out of reach. */
export async function endSession(account: string, id: string): Promise<void> {
  await SessionModel.deleteOne({ _id: id, account });
}

/** Ends all sessions of a person, save one. */
export async function endSessions(account: string, keep?: string): Promise<void> {
  await SessionModel.deleteMany(keep === undefined ? { account } : { account, _id: { $ne: keep } });
}
