import type { Job, Outcome } from '../jobs/jobs';
import { AccountModel, accountOf } from './account.model';
import type { Account, DigestRhythm } from './account.types';
import { type LetterDeps, post } from './letters';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** In the morning, as the machine's clock in UTC says. */
const HOUR = 6;
const MONDAY = 1;

/** How many new leads a campaign has; no name, no address, no company. */
export interface NewLeads {
  title: string;
  count: number;
}

export interface DigestDeps extends LetterDeps {
  /** New leads since a moment. */
  newLeads: (since: Date) => Promise<NewLeads[]>;
}

/** When the next digest is due: the next morning, or the next Monday morning. */
function digestDue(rhythm: DigestRhythm, now: Date): Date {
  const due = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), HOUR));
  while (due <= now || (rhythm === 'weekly' && due.getUTCDay() !== MONDAY)) due.setTime(due.getTime() + DAY_MS);
  return due;
}

/** Nobody gets a digest that they did not ask for; `null` ends it. */
export async function setDigest(id: string, rhythm: DigestRhythm | null, now: Date): Promise<void> {
  const change = rhythm
    ? { $set: { digest: rhythm, digestAt: digestDue(rhythm, now) } }
    : { $unset: { digest: '', digestAt: '' } };
  await AccountModel.updateOne({ _id: id }, change);
}

/** Sends every digest that is due, and looks again within the hour; a job that never ends. */
export async function sendDigests(_job: Job, deps: DigestDeps): Promise<Outcome> {
  const now = deps.now();
  const due = await AccountModel.find({ digestAt: { $lte: now } }).lean();
  for (const row of due) await sendDigest(accountOf(row), deps, now);
  // Jobs live by the clock of the machine; a look that is due already would never end.
  return { state: 'again', at: new Date(Date.now() + HOUR_MS), reason: 'looks every hour', counts: false };
}

async function sendDigest(account: Account, deps: DigestDeps, now: Date): Promise<void> {
  const { id, digest = 'daily', digestAt, disabledAt } = account;
  // Moved on first: of two workers one sends it, and after a crash a digest is missing rather than twice there.
  if (!digestAt) return;
  const next = { $set: { digestAt: digestDue(digest, now) } };
  const { matchedCount } = await AccountModel.updateOne({ _id: id, digestAt }, next);
  if (matchedCount === 0 || disabledAt) return;
  const since = new Date(digestAt.getTime() - (digest === 'weekly' ? 7 : 1) * DAY_MS);
  const found = (await deps.newLeads(since)).filter(({ count }) => count > 0);
  if (found.length === 0) return;
  const sum = found.reduce((total, { count }) => total + count, 0);
  const letter = {
    subject: `${sum} new ${sum === 1 ? 'lead' : 'leads'}`,
    heading: `${sum} new ${sum === 1 ? 'lead' : 'leads'} since ${digest === 'weekly' ? 'last week' : 'yesterday'}`,
    paragraphs: found.map(({ title, count }) => `${title}: ${count}`),
    button: { label: 'Look at them', href: `${deps.links.staff()}/leads` },
    reason: `You get this message because you asked for it, ${digest}. Turn it off under “Your account”.`,
  };
  const name = deps.links.seal('letter', `digest ${id} ${digestAt.toISOString()}`);
  await post(account.email, letter, deps, { name, attempts: 0 });
}
