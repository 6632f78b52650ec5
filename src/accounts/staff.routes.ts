import { type Request, type Response, Router } from 'express';
import { GatefoldError } from '../errors';
import { findSponsor, listSponsors } from '../sponsors/sponsors';
import { readForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import {
  addUser,
  audit,
  disableAccount,
  findAccount,
  invitationFor,
  listAccounts,
  type Person,
  type Role,
} from './accounts';
import { auditRoutes } from './audit.routes';

const ROLES: Role[] = ['admin', 'marketer', 'analyst', 'sponsor-admin', 'sponsor-member'];

/** People who sign in, and the audit log. Administrators only. */
export function staffAccountRoutes(services: Services): Router {
  const router = Router();
  router.use('/staff/people', requireStaff('admin'));

  router.get('/staff/people', (request, response) => showPeople(request, response, {}));

  router.post('/staff/people', readForm, async (request, response) => {
    const typed = typedPerson(request);
    try {
      const { account, setupToken } = await addUser(await personOf(typed));
      await audit({ actor: accountOf(response).email, action: `added as ${account.role}`, subject: account.email });
      const link = setupToken && services.links.setup(setupToken);
      await showPeople(request, response, { added: { email: account.email, link } });
    } catch (error) {
      if (!(error instanceof GatefoldError)) throw error;
      await showPeople(request, response, { typed, mistake: error });
    }
  });

  router.post('/staff/people/:id/link', readForm, async (request, response) => {
    const account = await known(request.params['id']);
    const link = services.links.setup(await invitationFor(account.id, services.now()));
    await audit({ actor: accountOf(response).email, action: 'made a set-up link for', subject: account.email });
    await showPeople(request, response, { added: { email: account.email, link } });
  });

  router.post('/staff/people/:id/disable', readForm, async (request, response) => {
    const account = await known(request.params['id']);
    await disableAccount(account.id, services.now());
    await audit({ actor: accountOf(response).email, action: 'disabled', subject: account.email });
    response.redirect(303, '/staff/people');
  });

  router.use(auditRoutes());
  return router;
}

/** The form as it was typed. */
interface TypedPerson {
  email: string;
  name: string;
  role: string;
  sponsor: string;
}

function typedPerson({ body }: Request): TypedPerson {
  const text = (key: string): string => (typeof body[key] === 'string' ? body[key].trim() : '');
  return { email: text('email'), name: text('name').slice(0, 200), role: text('role'), sponsor: text('sponsor') };
}

/** @throws GatefoldError `role-unknown`, `sponsor-unknown` */
async function personOf({ email, name, role: typedRole, sponsor }: TypedPerson): Promise<Person> {
  const role = ROLES.find((one) => one === typedRole);
  if (!role) throw new GatefoldError('invalid', 'role-unknown', 'Choose a role from the list.');
  if (!role.startsWith('sponsor') || sponsor === '') return { email, name, role };
  if (!(await findSponsor(sponsor)))
    throw new GatefoldError('invalid', 'sponsor-unknown', 'Choose a sponsor from the list.');
  return { email, name, role, sponsor };
}

/** The field that a mistake is about. */
const FIELD: Record<string, string> = {
  'role-unknown': 'role',
  'sponsor-missing': 'sponsor',
  'sponsor-unknown': 'sponsor',
};

async function known(id: unknown) {
  const account = await findAccount(String(id));
  if (!account) throw new GatefoldError('not-found', 'unknown-account', 'There is no such person.');
  return account;
}

interface PeopleView {
  typed?: TypedPerson;
  mistake?: GatefoldError;
  added?: { email: string; link: string | undefined };
}

async function showPeople(request: Request, response: Response, { typed, mistake, added }: PeopleView): Promise<void> {
  const [people, sponsors] = await Promise.all([listAccounts(), listSponsors()]);
  const title = mistake ? 'Error: people' : 'People';
  const field = mistake && (FIELD[mistake.code] ?? 'email');
  const locals = { title, people, sponsors, roles: ROLES, typed, mistake, field, added };
  await renderPage(request, response, 'accounts/people', locals, { status: mistake ? 422 : 200 });
}
