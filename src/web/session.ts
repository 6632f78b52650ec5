import MongoStore from 'connect-mongo';
import type { RequestHandler } from 'express';
import session from 'express-session';
import mongoose from 'mongoose';
import type { Services } from './services';

declare module 'express-session' {
  interface SessionData {
    /** Id of the account that signed in. */
    account: string;
    /** When they did, in milliseconds. */
    since: number;
    /** Which of the account's sessions this is. */
    signedIn: string;
    /** When they last proved to be there, in milliseconds. */
    confirmed: number;
    /** Whose password was right, and whose second factor is waited for. */
    pending: { account: string; since: number };
    /** The second factor that is being set up, sealed. */
    enrolling: string;
    /** Bound into every form of the session. */
    csrf: string;
  }
}

/** Someone who does nothing for this long signs in anew. */
const IDLE_HOURS = 12;

/** Server-side sessions, in the store. Only the parts of the house where people sign in have them. */
export function sessions({ config }: Services): RequestHandler {
  return session({
    name: config.secure ? '__Host-gatefold' : 'gatefold',
    secret: [...config.secretKeys],
    resave: false,
    saveUninitialized: false,
    rolling: true,
    proxy: config.trustProxy > 0,
    cookie: { httpOnly: true, sameSite: 'lax', secure: config.secure, path: '/', maxAge: IDLE_HOURS * 3_600_000 },
    store: MongoStore.create({
      client: mongoose.connection.getClient(),
      dbName: mongoose.connection.name,
      collectionName: 'sessions',
      ttl: IDLE_HOURS * 3600,
      touchAfter: 60,
    }),
  });
}
