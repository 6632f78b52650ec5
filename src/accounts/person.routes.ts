import { type Request, type Response, Router } from 'express';
import { site } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { longDateTime } from '../locale';
import { confirmed } from '../web/confirm';
import { readForm } from '../web/csrf';
import { accountOf } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import {
  type Account,
  audit,
  changeRole,
  disableAccount,
  enableAccount,
  endSessions,
  findAccount,
  invitationFor,
  isSponsorRole,
  listSessions,
  type Role,
  removeSecondFactor,
  revokeInvitation,
  wantInvitation,
} from './accounts';
import { single } from './entrance.routes';

/** What an administrator can do with one person. Mounted behind `/staff/people`. */
export function personRoutes(services: Services, roles: Role[]): Router {
  const router = Router();
  const sensitive = [readForm, confirmed(services)];

  /** A button of a person's page: does it, notes it, and shows the page again. */
  function deed(path: string, done: string, act: (account: Account, request: Request) => Promise<Note>): void {
    router.post(`/staff/people/:id/${path}`, ...sensitive, async (request: Request, response: Response) => {
      const account = await known(request.params['id']);
      const { gone, ...note } = await act(account, request);
      await audit({ actor: accountOf(response).email, subject: account.email, ...note });
      response.redirect(303, gone ? '/staff/people' : `/staff/people/${account.id}?done=${done}`);
    });
  }

  router.get('/staff/people/:id', async (request, response) => {
    await showPerson(request, response, { account: await known(request.params.id), roles });
  });
  router.post('/staff/people/:id/link', ...sensitive, async (request: Request, response: Response) => {
    const account = await known(request.params['id']);
    const link = services.links.setup(await invitationFor(account.id, services.now()));
    await audit({ actor: accountOf(response).email, action: 'made a set-up link for', subject: account.email });
    await showPerson(request, response, { account, roles, link });
  });
  deed('invite', 'invited', async ({ id }) => {
    await wantInvitation(id);
    services.nudge();
    return { action: 'invited again' };
  });
  deed('revoke', 'revoked', async ({ id }) => {
    await revokeInvitation(id);
    return { action: 'took back the invitation of', gone: true };
  });
  deed('disable', 'disabled', async ({ id }) => {
    await disableAccount(id, services.now());
    return { action: 'disabled' };
  });
  deed('enable', 'enabled', async ({ id }) => {
    await enableAccount(id);
    return { action: 'enabled' };
  });
  deed('role', 'role', async (account, { body }) => {
    const role = roles.find((one) => one === body.role);
    if (!role) throw new GatefoldError('invalid', 'role-unknown', 'Choose a role from the list.');
    await changeRole(account, role);
    return { action: 'changed the role of', before: { role: account.role }, after: { role } };
  });
  deed('end-sessions', 'sessions', async ({ id }) => {
    await endSessions(id);
    return { action: 'ended the sessions of' };
  });
  deed('remove-second-factor', 'second', async ({ id }) => {
    await removeSecondFactor(id);
    return { action: 'took off the second factor of' };
  });
  return router;
}

interface Note {
  action: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
  /** The person is not there any more. */
  gone?: true;
}

async function known(id: unknown): Promise<Account> {
  const account = await findAccount(String(id));
  if (account) return account;
  throw new GatefoldError('not-found', 'unknown-account', {
    log: 'no such account',
    reader: 'There is no such person.',
    wayOut: 'Look for them in the list of people.',
  });
}

interface PersonView {
  account: Account;
  roles: Role[];
  link?: string;
}

async function showPerson(request: Request, response: Response, { account, roles, link }: PersonView): Promise<void> {
  const [{ locale, timezone }, sessions] = await Promise.all([site(), listSessions(account.id)]);
  await renderPage(request, response, 'accounts/person', {
    title: account.email,
    person: account,
    roles: roles.filter((role) => isSponsorRole(role) === isSponsorRole(account.role)),
    sessions,
    link,
    self: account.id === accountOf(response).id,
    done: single(request.query['done']),
    when: (at: Date) => longDateTime(at, locale, timezone),
  });
}
