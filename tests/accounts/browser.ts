import { type Express, Router } from 'express';
import mongoose from 'mongoose';
import request, { type Agent, type Response } from 'supertest';
import { addUser, type Role } from '../../src/accounts/accounts';
import { portalPeopleRoutes } from '../../src/accounts/portal.routes';
import { staffAccountRoutes } from '../../src/accounts/staff.routes';
import { staffDeliveryRoutes } from '../../src/deliveries/staff.routes';
import { requireSponsor, requireStaff } from '../../src/web/guards';
import { emptyStore, useStore } from '../support/store';
import { pagesWithPeople, testServices, tokenIn } from '../web/app';

export const PASSWORD = 'three words in a row';

/** Sign-in, set-up and people, with a room for staff and one for sponsors behind them; an empty store for each test. */
export function usePeople() {
  useStore();
  const services = testServices({ TRUST_PROXY: '1' });
  const held: { app?: Express } = {};
  beforeAll(() => {
    const rooms = Router();
    rooms.get(['/staff', '/staff/leads'], requireStaff(), (_request, response) => void response.send('for staff'));
    rooms.get('/portal', requireSponsor, (_request, response) => void response.send('for a sponsor'));
    held.app = pagesWithPeople(
      services,
      rooms,
      staffAccountRoutes(services),
      portalPeopleRoutes(services),
      staffDeliveryRoutes(services),
    );
  });
  beforeEach(async () => {
    await emptyStore();
    await mongoose.connection.collection('sessions').deleteMany({});
  });
  const app = (): Express => {
    if (!held.app) throw new Error('the app is there from beforeAll on');
    return held.app;
  };
  let networks = 0;
  /** A browser on a network of its own, so that wrong passwords of one test are not held against another. */
  const browser = (): Agent => {
    networks += 1;
    return request.agent(app()).set('X-Forwarded-For', `198.51.100.${networks}`);
  };
  return { services, app, browser };
}

/** Adds a person with a password; returns their address. */
export async function person(role: Role, email = `${role}@doors.example`): Promise<string> {
  const sponsor = role.startsWith('sponsor') ? { sponsor: 'acme' } : {};
  await addUser({ email, role, password: PASSWORD, ...sponsor });
  return email;
}

export async function signIn(agent: Agent, email: string, { password = PASSWORD, next = '' } = {}): Promise<Response> {
  const path = next ? `/sign-in?next=${encodeURIComponent(next)}` : '/sign-in';
  return send(agent, path, { email, password });
}

/** Opens the page and sends its form, as a browser would. */
export async function send(agent: Agent, path: string, typed: object, to = path): Promise<Response> {
  const page = await agent.get(path);
  return agent
    .post(to)
    .type('form')
    .send({ _csrf: tokenIn(page.text), ...typed });
}

export const cookieOf = (answer: Response): string => String(answer.headers['set-cookie'] ?? '').split(';')[0] ?? '';
