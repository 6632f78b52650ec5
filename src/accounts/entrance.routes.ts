import type { Request } from 'express';
import { type Account, findAccount, openSession } from './accounts';

/** What the pages of the entrance share. */

/** How long a right password waits for its code. */
const CODE_MS = 10 * 60_000;

export const single = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A new session id, so that one planted before the sign-in is worth nothing (session fixation). */
export async function beginSession(request: Request, account: Account, now: Date): Promise<void> {
  const from = { ip: request.ip ?? '', userAgent: request.get('user-agent') ?? '' };
  const signedIn = await openSession(account.id, from, now);
  await new Promise<void>((resolve, reject) =>
    request.session.regenerate((error) => (error ? reject(error) : resolve())),
  );
  Object.assign(request.session, { account: account.id, since: now.getTime(), confirmed: now.getTime(), signedIn });
  await new Promise<void>((resolve, reject) => request.session.save((error) => (error ? reject(error) : resolve())));
}

/** Whose password was right a moment ago and who still owes a code. */
export async function pendingOf({ session }: Request, now: Date): Promise<Account | null> {
  const { pending } = session;
  if (!pending || now.getTime() - pending.since > CODE_MS) return null;
  const account = await findAccount(pending.account);
  return account && !account.disabledAt ? account : null;
}

/** Where to go after the sign-in: a page of their own part of the house, else its front page. */
export function destination({ role }: Account, next: unknown): string {
  const home = role.startsWith('sponsor') ? '/portal' : '/staff';
  const inside = (place: string): boolean =>
    typeof next === 'string' &&
    (next === place || next.startsWith(`${place}/`) || next.startsWith(`${place}?`)) &&
    // A path is resolved as a browser would, so that nothing like `/staff/..//elsewhere` leaves the house.
    new URL(next, 'http://here').pathname.startsWith(place);
  return inside(home) || inside('/account') ? String(next) : home;
}
