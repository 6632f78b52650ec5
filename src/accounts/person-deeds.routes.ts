import { type Request, type Response, Router } from 'express';
import { GatefoldError } from '../errors';
import { confirmed } from '../web/confirm';
import { readForm } from '../web/csrf';
import { accountOf } from '../web/guards';
import type { Services } from '../web/services';
import {
  type Account,
  audit,
  changeRole,
  disableAccount,
  enableAccount,
  endSessions,
  type Leaders,
  type Role,
  revokeInvitation,
  wantInvitation,
} from './accounts';

interface Note {
  action: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
  /** The person is not there any more. */
  gone?: true;
}
export type Deed = (account: Account, request: Request) => Promise<Note>;

export interface PeopleOf {
  /** The page of all of them. */
  base: string;
  /** What they may become. */
  roles: Role[];
  /** The last of whom stays; missing: the publisher's administrators. */
  leaders?: (account: Account) => Leaders;
  /** Whoever the page is about, if they are the asker's to change. @throws GatefoldError `unknown-account` */
  known(request: Request, response: Response): Promise<Account>;
  /** More than everybody's administrators can do. */
  more?: Record<string, Deed>;
}

/** The buttons of a person's page, the publisher's and a sponsor's alike: each does it, notes it, and shows the page again. */
export function personDeeds(services: Services, { base, roles, leaders, known, more = {} }: PeopleOf): Router {
  const router = Router();
  const deeds: Record<string, Deed> = {
    invite: async ({ id }) => {
      await wantInvitation(id);
      services.nudge();
      return { action: 'invited again' };
    },
    revoke: async ({ id }) => {
      await revokeInvitation(id);
      return { action: 'took back the invitation of', gone: true };
    },
    disable: async (account) => {
      await disableAccount(account.id, services.now(), leaders?.(account));
      return { action: 'disabled' };
    },
    enable: async ({ id }) => {
      await enableAccount(id);
      return { action: 'enabled' };
    },
    role: async (account, { body }) => {
      const role = roleAmong(roles, body.role);
      await changeRole(account, role, leaders?.(account));
      return { action: 'changed the role of', before: { role: account.role }, after: { role } };
    },
    'end-sessions': async ({ id }) => {
      await endSessions(id);
      return { action: 'ended the sessions of' };
    },
    ...more,
  };
  for (const [name, deed] of Object.entries(deeds)) {
    router.post(`${base}/:id/${name}`, readForm, confirmed(services), async (request: Request, response: Response) => {
      const account = await known(request, response);
      const { gone, ...note } = await deed(account, request);
      await audit({ actor: accountOf(response).email, subject: account.email, ...note });
      response.redirect(303, gone ? `${base}?done=revoked` : `${base}/${account.id}?done=${name}`);
    });
  }
  return router;
}

/** @throws GatefoldError `role-unknown` */
export function roleAmong(roles: readonly Role[], typed: unknown): Role {
  const role = roles.find((one) => one === typed);
  if (role) return role;
  throw new GatefoldError('invalid', 'role-unknown', 'Choose a role from the list.');
}

/** @throws GatefoldError `unknown-account` */
export function noSuchPerson(): GatefoldError {
  return new GatefoldError('not-found', 'unknown-account', {
    log: 'no such account, or another’s',
    reader: 'There is no such person.',
    wayOut: 'Look for them in the list of people.',
  });
}
