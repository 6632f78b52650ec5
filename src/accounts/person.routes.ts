import { type Request, type Response, Router } from 'express';
import { site } from '../campaigns/campaigns';
import { longDateTime } from '../locale';
import { confirmed } from '../web/confirm';
import { readForm } from '../web/csrf';
import { accountOf } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import {
  type Account,
  audit,
  findAccount,
  invitationFor,
  isSponsorRole,
  listSessions,
  type Role,
  removeSecondFactor,
} from './accounts';
import { single } from './entrance.routes';
import { noSuchPerson, personDeeds } from './person-deeds.routes';

const BASE = '/staff/people';

/** What the publisher's administrators can do with one person. Mounted behind `/staff/people`. */
export function personRoutes(services: Services, roles: Role[]): Router {
  const router = Router();
  router.get(`${BASE}/:id`, async (request, response) => {
    await showPerson(request, response, { account: await known(request), roles });
  });
  router.post(`${BASE}/:id/link`, readForm, confirmed(services), async (request: Request, response: Response) => {
    const account = await known(request);
    const link = services.links.setup(await invitationFor(account.id, services.now()));
    await audit({ actor: accountOf(response).email, action: 'made a set-up link for', subject: account.email });
    await showPerson(request, response, { account, roles, link });
  });
  const more = {
    'remove-second-factor': async ({ id }: Account) => {
      await removeSecondFactor(id);
      return { action: 'took off the second factor of' };
    },
  };
  router.use(personDeeds(services, { base: BASE, roles, known, more }));
  return router;
}

async function known({ params }: Request): Promise<Account> {
  const account = await findAccount(String(params['id']));
  if (account) return account;
  throw noSuchPerson();
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
