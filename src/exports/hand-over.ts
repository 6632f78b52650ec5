import * as accounts from '../accounts/accounts';
import * as campaigns from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import type { Job, Outcome } from '../jobs/jobs';
import type { Links } from '../links';
import { longDateTime } from '../locale';
import { given } from './given';
import type { Profile } from './profile.types';
import { findProfile } from './profiles';
import { batchesOf, only } from './rows';
import { campaignFor, seriesOf, settleWhatWaits } from './run';
import { ScheduleModel } from './schedule.model';
import type { Schedule } from './schedule.types';
import { nextTime, scheduleOf } from './schedules';

/** Scheduled exports: whoever asked for it is told by mail that there are new leads, and gets a link to take them. */

export interface HandOverDeps {
  links: Links;
  now: () => Date;
}

const LOOK_MS = 60_000;
/** What ran later than this was missed, and somebody should know that nothing ran here in between. */
const LATE_MS = 3_600_000;
const LINK_DAYS = 7;
const DAY_MS = 86_400_000;

/** Runs every schedule that is due, and looks again in a minute; a job that never ends. */
export async function handOver(_job: Job, deps: HandOverDeps): Promise<Outcome> {
  const now = deps.now();
  const due = await ScheduleModel.find({ nextAt: { $lte: now } }).lean();
  // One that fails keeps no other from its time, and is tried again.
  const tries = await Promise.allSettled(due.map((row) => runSchedule(scheduleOf(row), deps, now)));
  const failed = tries.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (failed) throw failed.reason;
  return { state: 'again', at: new Date(Date.now() + LOOK_MS), reason: 'looks every minute', counts: false };
}

async function runSchedule(schedule: Schedule, deps: HandOverDeps, now: Date): Promise<void> {
  const { id, nextAt: dueAt } = schedule;
  if (!dueAt) return;
  const trouble = await troubleOf(schedule);
  if (trouble) return stop(schedule, trouble);
  const { title } = await campaignFor(schedule.campaign, schedule.sponsor);
  const profile = await findProfile(schedule.profile, schedule.sponsor);
  const count = await countNew(schedule, profile);
  // The letters are wanted by the time that was due, so that a crash in between wants the same once more, and nothing twice.
  const late = now.getTime() - dueAt.getTime() > LATE_MS;
  if (late) await tellOfLate(schedule, title, { dueAt, now });
  if (count > 0) await tellOfNew({ schedule, dueAt, title, profile, count }, deps);
  await ScheduleModel.updateOne({ _id: id, nextAt: dueAt }, { $set: { nextAt: nextTime(schedule, now), lastAt: now } });
}

/** Why it can't go on. */
async function troubleOf({ account, sponsor, campaign, profile }: Schedule): Promise<string | null> {
  const person = await accounts.findAccount(account);
  if (!person || person.disabledAt || person.sponsor !== sponsor) return 'Whoever asked for it has no access any more.';
  if (sponsor === undefined && person.role === 'analyst') return 'Whoever asked for it may not take leads any more.';
  if (await isGone(campaignFor(campaign, sponsor))) return 'There is no such campaign any more.';
  if (await isGone(findProfile(profile, sponsor))) return 'Its export profile was removed.';
  return null;
}

async function isGone(search: Promise<unknown>): Promise<boolean> {
  try {
    await search;
    return false;
  } catch (error) {
    if (error instanceof GatefoldError && error.kind === 'not-found') return true;
    throw error;
  }
}

/** How many leads the profile has not given yet; the same rule as its export since last time. */
async function countNew({ campaign, sponsor }: Schedule, profile: Profile): Promise<number> {
  await settleWhatWaits(campaign);
  const before = await given(seriesOf(campaign, sponsor, profile.id));
  let count = 0;
  const wanted = only(batchesOf(campaign, sponsor), (lead) => !before.has(lead.id), profile.consent);
  for await (const batch of wanted) count += batch.length;
  return count;
}

interface News {
  schedule: Schedule;
  dueAt: Date;
  title: string;
  profile: Profile;
  count: number;
}

async function tellOfNew({ schedule, dueAt, title, profile, count }: News, { links }: HandOverDeps): Promise<void> {
  const leads = `${count} new ${count === 1 ? 'lead' : 'leads'}`;
  const expires = Math.floor((dueAt.getTime() + LINK_DAYS * DAY_MS) / 1000);
  const path = `${baseOf(schedule)}/schedules/${schedule.id}/${expires.toString(36)}/${markOf(links, schedule.id, expires)}`;
  await accounts.wantNotice(schedule.account, `export ${schedule.id} ${dueAt.toISOString()}`, {
    subject: `${leads}: ${title}`,
    paragraphs: [
      `${title}: ${leads} since your last export as “${profile.name}”.`,
      `Sign in with this link to take ${count === 1 ? 'it' : 'them'}. It is good for ${LINK_DAYS} days; the leads stay where they are.`,
    ],
    button: { label: 'Take the leads', path },
  });
}

/** Both who waits for it and who keeps this house are told. */
async function tellOfLate(
  schedule: Schedule,
  title: string,
  { dueAt, now }: { dueAt: Date; now: Date },
): Promise<void> {
  const { locale, timezone } = await campaigns.site();
  const [due, ran] = [longDateTime(dueAt, locale, timezone), longDateTime(now, locale, timezone)];
  await tellAll(schedule, `late ${dueAt.toISOString()}`, {
    subject: `A scheduled export ran late: ${title}`,
    paragraphs: [`It was due on ${due} and ran on ${ran}: nothing ran here in between. No lead is lost.`],
  });
}

async function stop(schedule: Schedule, stopped: string): Promise<void> {
  const { id, campaign, nextAt } = schedule;
  await tellAll(schedule, `stopped ${nextAt?.toISOString()}`, {
    subject: `A scheduled export has stopped: ${campaign}`,
    paragraphs: [stopped, 'Leads wait as before; make another schedule when it is mended.'],
  });
  await ScheduleModel.updateOne({ _id: id }, { $set: { stopped }, $unset: { nextAt: '' } });
}

async function tellAll(
  schedule: Schedule,
  what: string,
  notice: { subject: string; paragraphs: string[] },
): Promise<void> {
  const { sponsor } = schedule;
  const isOne = (role: accounts.Role) => (one: accounts.Account) => one.role === role && !one.disabledAt;
  const theirs = sponsor === undefined ? [] : (await accounts.listAccounts({ sponsor })).filter(isOne('sponsor-admin'));
  const ours = (await accounts.listAccounts()).filter(isOne('admin'));
  const own = await accounts.findAccount(schedule.account);
  const people = new Map([...ours, ...theirs, ...(own && !own.disabledAt ? [own] : [])].map((one) => [one.id, one]));
  for (const { id, role } of people.values()) {
    const base = role.startsWith('sponsor') ? '/portal' : '/staff/handover';
    const button = { label: 'See the schedules', path: `${base}/schedules` };
    await accounts.wantNotice(id, `export ${schedule.id} ${what}`, { ...notice, button });
  }
}

const baseOf = ({ sponsor }: Schedule): string => (sponsor === undefined ? '/staff/handover' : '/portal');

const MARK_LENGTH = 32;
const sealed = (id: string, expires: number): string => `${id} ${expires}`;
const markOf = (links: Links, id: string, expires: number): string =>
  links.seal('scheduled export', sealed(id, expires)).slice(0, MARK_LENGTH);

/** Whether the link of a schedule's letter is ours, and still good. */
export function readMark(
  links: Links,
  { id, expires, mark }: { id: string; expires: string; mark: string },
  now: Date,
): 'good' | 'over' | 'forged' {
  const seconds = Number.parseInt(expires, 36);
  const isOurs = mark.length === MARK_LENGTH && links.isSealed('scheduled export', sealed(id, seconds), mark);
  if (!isOurs) return 'forged';
  return seconds * 1000 > now.getTime() ? 'good' : 'over';
}
