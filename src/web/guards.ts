import type { NextFunction, Request, RequestHandler, Response } from 'express';
import {
  type Account,
  auditedFrom,
  findAccount,
  type Role,
  secondFactorRoles,
  sessionStands,
} from '../accounts/accounts';
import { GatefoldError } from '../errors';
import { asHouse, asSponsor } from '../store/scope';

const STAFF: Role[] = ['admin', 'marketer', 'analyst'];
const SPONSORS: Role[] = ['sponsor-admin', 'sponsor-member'];

/** Lets staff of these roles in (all staff when none is named) and keeps their account in `locals.account`. */
export function requireStaff(...roles: Role[]): RequestHandler {
  return requireRole(roles.length > 0 ? roles : STAFF);
}

/** Lets a sponsor's people in. */
export const requireSponsor: RequestHandler = requireRole(SPONSORS);

/** Lets everybody in who is signed in, to their own account. */
export const requireSignedIn: RequestHandler = requireRole([...STAFF, ...SPONSORS], { anyFactor: true });

/** The account behind the guard. */
export function accountOf(response: Response): Account {
  return response.locals['account'] as Account;
}

/** The sponsor of the account behind `requireSponsor`; every query of the portal starts from it. */
export function sponsorOf(response: Response): string {
  const { sponsor } = accountOf(response);
  if (sponsor === undefined) throw notForYou();
  return sponsor;
}

/** Lets people of these roles in, whichever side they are on. */
export function requireRoles(...roles: Role[]): RequestHandler {
  return requireRole(roles);
}

/** @param anyFactor also lets in who still has to set up the second factor that their role must have */
function requireRole(roles: Role[], { anyFactor = false } = {}): RequestHandler {
  return async (request: Request, response: Response, next: NextFunction) => {
    response.set('Cache-Control', 'no-store');
    const account = await asHouse(() => signedIn(request));
    if (!account) return askToSignIn(request, response);
    if (!roles.includes(account.role)) return next(notForYou());
    response.locals['account'] = account;
    if (!anyFactor && !account.secondAt && (await secondFactorRoles()).includes(account.role)) {
      return response.redirect(303, '/account/second-factor');
    }
    const { sponsor } = account;
    const inside = () => auditedFrom(request.ip ?? '', next);
    if (sponsor === undefined) asHouse(inside);
    else asSponsor(sponsor, inside);
  };
}

/** The account of the session, read anew at each click; null when it was disabled or the session was ended. */
async function signedIn({ session }: Request): Promise<Account | null> {
  const account = session.account ? await findAccount(session.account) : null;
  if (!account || account.disabledAt) return null;
  return (await sessionStands(session.signedIn, account.id, new Date())) ? account : null;
}

function askToSignIn(request: Request, response: Response): void {
  const next = request.method === 'GET' ? `?next=${encodeURIComponent(request.originalUrl)}` : '';
  response.redirect(303, `/sign-in${next}`);
}

function notForYou(): GatefoldError {
  return new GatefoldError('forbidden', 'not-for-you', {
    log: 'an account without the role for this page',
    reader: 'Your account has no access to this page.',
    wayOut: 'Ask an administrator if you need it.',
  });
}
