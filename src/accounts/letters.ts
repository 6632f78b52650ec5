import { join } from 'node:path';
import ejs from 'ejs';
import * as jobs from '../jobs/jobs';
import type { Links } from '../links';
import { type Mailer, type RetryPlan, retryAt } from '../mail/mail';
import { AccountModel } from './account.model';
import type { Account } from './account.types';
import { accountWithAddress, findAccount } from './people';
import { invitationFor, resetFor } from './setup';

/** What letters to people who sign in are written with. The publisher's site is a room below, so it is passed in. */
export interface LetterDeps {
  mailer: Mailer;
  links: Links;
  now: () => Date;
  site: () => Promise<Publisher>;
  config: { limits: RetryPlan };
}

interface Publisher {
  name: string;
  locale: string;
  theme: { brand?: string };
}

export interface Letter {
  subject: string;
  heading: string;
  paragraphs: string[];
  button?: { label: string; href: string };
  /** Its button leads into an account. */
  opensAccount?: true;
  /** Why they get it. */
  reason: string;
}

/**
 * Which letter it is. A repeat after a crash, or of one that was put off, is the same message with the same link: its
 * reader may have the first one, and a mail program shows one of two with the same Message-ID.
 */
interface Which {
  /** Can't be guessed; the same at each try. */
  name: string;
  attempts: number;
}

const VIEWS = join(__dirname, '../../views/accounts');

/** Asks for the mail that brings a person their set-up link. The link is made when the mail is: no row holds it. */
export async function wantInvitation(account: string): Promise<void> {
  await jobs.wantAgain({ kind: 'letter', key: `invitation:${account}`, payload: { letter: 'invitation', account } });
}

/** Asks for a new password's link. What happens until the answer is the same for an address that nobody has. */
export async function wantReset(email: string, now: Date): Promise<void> {
  const key = `reset:${now.getTime()}:${Math.random().toString(36).slice(2)}`;
  await jobs.want({ kind: 'letter', key, payload: { letter: 'reset', email } });
}

/** Asks for the note to the old address that another is in use. */
export async function wantAddressNote(account: string, old: string): Promise<void> {
  await jobs.want({ kind: 'letter', key: `address:${account}:${old}`, payload: { letter: 'address', account, old } });
}

/** What a room below has to tell a person of their own account. Names no reader. */
export interface Notice {
  subject: string;
  paragraphs: string[];
  button: { label: string; path: string };
}

/** Asks for the mail that tells a person of something that needs them; once for each key. */
export async function wantNotice(account: string, key: string, notice: Notice): Promise<void> {
  await jobs.want({ kind: 'letter', key: `notice:${account}:${key}`, payload: { letter: 'notice', account, notice } });
}

/** Writes and sends one letter; a job handler. */
export async function sendLetter(job: jobs.Job, deps: LetterDeps): Promise<jobs.Outcome> {
  const { payload, key, firstAt, attempts } = job;
  const { letter, email } = payload;
  const which = { name: deps.links.seal('letter', `${key} ${firstAt.toISOString()}`), attempts };
  const account = email === undefined ? await findAccount(String(payload['account'])) : await reachable(String(email));
  // Nobody has the address, or the person has gone meanwhile: nothing to send, and nothing to tell.
  if (!account || account.disabledAt) return { state: 'done' };
  if (letter === 'invitation') return post(account.email, await invitation(account, which, deps), deps, which);
  if (letter === 'reset') return post(account.email, await reset(account, which, deps), deps, which);
  if (letter === 'notice')
    return post(account.email, noticeLetter(payload['notice'] as Notice, deps, await deps.site()), deps, which);
  return post(String(payload['old']), addressNote(account, await deps.site()), deps, which);
}

async function reachable(email: string): Promise<Account | null> {
  const row = await accountWithAddress(email);
  return row && findAccount(row._id);
}

async function invitation(account: Account, { name: token }: Which, { links, now, site }: LetterDeps): Promise<Letter> {
  const { name } = await site();
  return {
    subject: `Your account at ${name}`,
    heading: 'Set up your account',
    paragraphs: [
      `${name} has made an account for you. You will sign in as ${account.email}.`,
      'Choose a password with this link. It works once, for 72 hours.',
    ],
    button: { label: 'Choose a password', href: links.setup(await invitationFor(account.id, now(), token)) },
    opensAccount: true,
    reason: `You get this message because ${name} invited ${account.email}. If you expect no invitation, ignore it.`,
  };
}

async function reset(account: Account, { name: token }: Which, { links, now, site }: LetterDeps): Promise<Letter> {
  const { name } = await site();
  return {
    subject: `A new password for ${name}`,
    heading: 'Choose a new password',
    paragraphs: ['Somebody asked for a new password for this address. The link works once, for an hour.'],
    button: { label: 'Choose a new password', href: links.setup(await resetFor(account.id, now(), token)) },
    opensAccount: true,
    reason: 'If it was not you, ignore this message: your password stays as it is.',
  };
}

function addressNote(account: Account, { name }: Publisher): Letter {
  return {
    subject: `Your address at ${name} was changed`,
    heading: 'Your address was changed',
    paragraphs: [`From now on you sign in as ${account.email}. Mail goes there, too.`],
    reason: `If you did not change it, tell an administrator of ${name} at once.`,
  };
}

function noticeLetter({ subject, paragraphs, button }: Notice, { links }: LetterDeps, { name }: Publisher): Letter {
  return {
    subject,
    heading: subject,
    paragraphs,
    button: { label: button.label, href: `${links.origin}${button.path}` },
    reason: `You get this message because you look after it at ${name}.`,
  };
}

/** One letter to one address; what comes of it is what becomes of the job. */
export async function post(
  to: string,
  letter: Letter,
  deps: LetterDeps,
  { name, attempts }: Which,
): Promise<jobs.Outcome> {
  const { mailer, now, config } = deps;
  const locals = { site: await deps.site(), ...letter };
  const [text, html] = await Promise.all(['letter.text.ejs', 'letter.html.ejs'].map((view) => render(view, locals)));
  const addressee = await AccountModel.findOne({ email: to }, { name: 1 }).lean();
  const sent = await mailer.send({
    // The name itself opens an account, and Message-IDs stand in logs.
    messageId: await mailer.newMessageId(deps.links.seal('message', name).slice(0, 32)),
    to: { name: addressee?.name ?? '', address: to },
    subject: letter.subject,
    text: text ?? '',
    html: html ?? '',
    ...(letter.opensAccount && { opensAccount: true }),
  });
  if (sent.outcome === 'accepted') return { state: 'done' };
  if (sent.outcome === 'refused') return { state: 'failed', reason: sent.reason };
  const { limits } = config;
  const wait = sent.wait ?? limits.mailServerRetries[0] ?? 0;
  const at = sent.unreachable ? new Date(now().getTime() + wait) : retryAt(attempts, limits, now());
  if (!at) return { state: 'failed', reason: sent.reason };
  return { state: 'again', at, reason: sent.reason, counts: !sent.unreachable };
}

function render(view: string, locals: object): Promise<string> {
  return ejs.renderFile(join(VIEWS, view), locals, { cache: true });
}
