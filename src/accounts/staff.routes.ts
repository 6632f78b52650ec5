import { type Request, type Response, Router } from 'express';
import { site } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { longDateTime } from '../locale';
import { findSponsor, listSponsors } from '../sponsors/sponsors';
import { confirmed } from '../web/confirm';
import { readForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import {
  audit,
  inviteUser,
  listAccounts,
  type Person,
  type Role,
  requireSecondFactor,
  secondFactorRoles,
} from './accounts';
import { auditRoutes } from './audit.routes';
import { single } from './entrance.routes';
import { personRoutes } from './person.routes';
import { roleAmong } from './person-deeds.routes';

const ROLES: Role[] = ['admin', 'marketer', 'analyst', 'sponsor-admin', 'sponsor-member'];

/** People who sign in, and the audit log. Administrators only. */
export function staffAccountRoutes(services: Services): Router {
  const router = Router();
  router.use('/staff/people', requireStaff('admin'));
  router.get('/staff/people', (request, response) => showPeople(request, response, {}));
  router.post('/staff/people', readForm, confirmed(services), invite(services));
  router.post('/staff/people/second-factor', readForm, confirmed(services), async (request, response) => {
    const asked = [request.body.roles].flat();
    const roles = ROLES.filter((role) => asked.includes(role));
    const before = { roles: await secondFactorRoles() };
    await requireSecondFactor(roles);
    const action = 'chose who must have a second factor';
    await audit({ actor: accountOf(response).email, action, before, after: { roles } });
    response.redirect(303, '/staff/people?done=second-factor');
  });
  router.use(personRoutes(services, ROLES));
  router.use(auditRoutes());
  return router;
}

const invite = (services: Services) => async (request: Request, response: Response) => {
  const typed = typedPerson(request);
  try {
    const account = await inviteUser(await personOf(typed));
    services.nudge();
    const { email, name, role, sponsor } = account;
    const after = { name, role, sponsor };
    await audit({ actor: accountOf(response).email, action: `added as ${role}`, subject: email, after });
    response.redirect(303, `/staff/people/${account.id}?done=invited`);
  } catch (error) {
    if (!(error instanceof GatefoldError)) throw error;
    await showPeople(request, response, { typed, mistake: error });
  }
};

/** The form as it was typed. */
interface TypedPerson {
  email: string;
  name: string;
  role: string;
  sponsor: string;
}

function typedPerson({ body }: Request): TypedPerson {
  const text = (key: string): string => single(body[key]).trim();
  return { email: text('email'), name: text('name').slice(0, 200), role: text('role'), sponsor: text('sponsor') };
}

/** @throws GatefoldError `role-unknown`, `sponsor-unknown` */
async function personOf({ email, name, role: typedRole, sponsor }: TypedPerson): Promise<Person> {
  const role = roleAmong(ROLES, typedRole);
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

interface PeopleView {
  typed?: TypedPerson;
  mistake?: GatefoldError;
}

async function showPeople(request: Request, response: Response, { typed, mistake }: PeopleView): Promise<void> {
  const [people, sponsors, must, { locale, timezone }] = await Promise.all([
    listAccounts(),
    listSponsors(),
    secondFactorRoles(),
    site(),
  ]);
  const title = mistake ? 'Error: people' : 'People';
  const field = mistake && (FIELD[mistake.code] ?? 'email');
  const when = (at: Date) => longDateTime(at, locale, timezone);
  const done = single(request.query['done']);
  const locals = { title, people, sponsors, roles: ROLES, typed, mistake, field, must, when, done };
  await renderPage(request, response, 'accounts/people', locals, { status: mistake ? 422 : 200 });
}
