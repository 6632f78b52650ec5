import { userInfo } from 'node:os';
import pino from 'pino';
import { configFromProcess } from '../config';
import { openHouse } from '../main';
import type { Services } from '../web/services';

/** How a command is named in logs of disclosures and changes. */
export const commandActor = (): string => `cli:${userInfo().username}`;

/** Opens the store (or joins the running server's), does the work, and closes whatever happens. */
export async function withHouse<T>(work: (services: Services) => Promise<T>): Promise<T> {
  const house = await openHouse(configFromProcess(), pino({ level: 'warn' }, pino.destination(2)));
  try {
    return await work(house.services);
  } finally {
    await house.close();
  }
}
