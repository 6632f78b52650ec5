import { type Request, type Response, Router } from 'express';
import { site } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { longDateTime } from '../locale';
import { confirmed } from '../web/confirm';
import { readForm } from '../web/csrf';
import { accountOf, requireRoles, sponsorOf } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import {
  type Account,
  audit,
  findAccount,
  inviteUser,
  type Leaders,
  listAccounts,
  listApiKeys,
  listSessions,
  type Role,
} from './accounts';
import { single } from './entrance.routes';
import { noSuchPerson, personDeeds, roleAmong } from './person-deeds.routes';

const BASE = '/portal/people';
const ROLES: Role[] = ['sponsor-admin', 'sponsor-member'];

/** A sponsor's administrator invites its people, gives them a role, and ends their access. */
export function portalPeopleRoutes(services: Services): Router {
  const router = Router();
  router.use(BASE, requireRoles('sponsor-admin'));
  router.get(BASE, (request, response) => showPeople(request, response, {}));
  router.post(BASE, readForm, confirmed(services), invite(services));
  router.get(`${BASE}/:id`, async (request, response) => {
    await showPerson(request, response, await known(request, response));
  });
  // Their own last administrator can't be taken away by the sponsor itself; the publisher can.
  const leaders = ({ sponsor = '' }: Account): Leaders => ({ role: 'sponsor-admin', sponsor });
  router.use(personDeeds(services, { base: BASE, roles: ROLES, leaders, known }));
  return router;
}

const invite = (services: Services) => async (request: Request, response: Response) => {
  const sponsor = sponsorOf(response);
  const typed = typedPerson(request);
  try {
    await mustHaveRoom(sponsor, services.config.limits.sponsorPeople);
    const account = await inviteUser({ ...typed, role: roleAmong(ROLES, typed.role), sponsor });
    services.nudge();
    const { email, name, role } = account;
    const after = { name, role, sponsor };
    await audit({ actor: accountOf(response).email, action: `added as ${role}`, subject: email, after });
    response.redirect(303, `${BASE}/${account.id}?done=invited`);
  } catch (error) {
    if (!(error instanceof GatefoldError)) throw error;
    await showPeople(request, response, { typed, mistake: ofTheirs(error) });
  }
};

/** Each invitation is a mail from us to an address that a stranger to us has typed. */
async function mustHaveRoom(sponsor: string, most: number): Promise<void> {
  if ((await listAccounts({ sponsor })).length < most) return;
  throw new GatefoldError('conflict', 'too-many-people', {
    log: `a sponsor with ${most} people`,
    reader: `There are ${most} people already.`,
    wayOut: 'Ask the publisher for more room.',
  });
}

/** Where else an address has an account is nobody's business here. */
function ofTheirs(error: GatefoldError): GatefoldError {
  if (error.code !== 'account-exists') return error;
  return new GatefoldError('conflict', 'address-taken', {
    log: 'an address that has an account was invited by a sponsor',
    reader: 'This address can’t be invited.',
    wayOut: 'If the person is not among your people below, ask the publisher.',
  });
}

interface TypedPerson {
  email: string;
  name: string;
  role: string;
}

function typedPerson({ body }: Request): TypedPerson {
  const text = (key: string): string => single(body[key]).trim();
  return { email: text('email'), name: text('name').slice(0, 200), role: text('role') };
}

/** Another sponsor's person is as unknown as one who never was. */
async function known({ params }: Request, response: Response): Promise<Account> {
  const account = await findAccount(String(params['id']));
  if (account?.sponsor === sponsorOf(response)) return account;
  throw noSuchPerson();
}

interface PeopleView {
  typed?: TypedPerson;
  mistake?: GatefoldError;
}

async function showPeople(request: Request, response: Response, { typed, mistake }: PeopleView): Promise<void> {
  const people = await listAccounts({ sponsor: sponsorOf(response) });
  const title = mistake ? 'Error: people' : 'People';
  const field = mistake?.code === 'role-unknown' ? 'role' : 'email';
  const locals = { title, people, roles: ROLES, typed, mistake, field, done: single(request.query['done']) };
  await renderPage(request, response, 'accounts/portal-people', locals, { status: mistake ? 422 : 200 });
}

async function showPerson(request: Request, response: Response, person: Account): Promise<void> {
  const [{ locale, timezone }, sessions, keys] = await Promise.all([
    site(),
    listSessions(person.id),
    listApiKeys(sponsorOf(response)),
  ]);
  await renderPage(request, response, 'accounts/portal-person', {
    title: person.email,
    person,
    roles: ROLES,
    sessions,
    keys: keys.filter(({ createdBy, revokedAt }) => createdBy === person.email && !revokedAt),
    done: single(request.query['done']),
    when: (at: Date) => longDateTime(at, locale, timezone),
  });
}
