import type { Express } from 'express';
import request, { type Agent } from 'supertest';
import { addUser, type Role } from '../../src/accounts/accounts';
import { createApp } from '../../src/app';
import type { Services } from '../../src/web/services';
import { signIn } from '../accounts/browser';

const PASSWORD = 'three words in a row';

/** A signed-in browser of a new account, on `app` (or the address of a server). */
export async function browserOf(
  app: Parameters<typeof request.agent>[0],
  role: Role,
  { email = `${role}@doors.example`, sponsor }: { email?: string; sponsor?: string } = {},
): Promise<Agent> {
  await addUser({ email, role, password: PASSWORD, ...(sponsor === undefined ? {} : { sponsor }) });
  const agent = request.agent(app);
  const { status } = await signIn(agent, email, { password: PASSWORD });
  if (status !== 303) throw new Error(`${email} could not sign in: ${status}`);
  return agent;
}

/** The whole app, made at the first call: sessions need the store open. */
export function appOf(services: Services): () => Express {
  let app: Express | undefined;
  return () => {
    app ??= createApp(services);
    return app;
  };
}
