import { randomBytes } from 'node:crypto';
import { readMoment } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { Clock } from './clock';
import { findProfile } from './profiles';
import { campaignFor } from './run';
import { ScheduleModel, type ScheduleRow } from './schedule.model';
import type { Rhythm, Schedule } from './schedule.types';

const MOST = 100;
const DAY_MS = 86_400_000;
/** Longer than any month. */
const DAYS_AHEAD = 40;

export const scheduleOf = ({ _id, ...schedule }: ScheduleRow): Schedule => ({ id: _id, ...schedule });
const ownedBy = (sponsor: string | undefined) => ({ sponsor: sponsor ?? null }) as { sponsor: string };

/**
 * The next time after `now`: at a full hour of the zone's clock, on each day, on Mondays, or on the first of a month. Where
 * a clock jumps over that hour, it is the moment to which it jumps.
 */
export function nextTime({ every, hour, timeZone }: Pick<Schedule, 'every' | 'hour' | 'timeZone'>, now: Date): Date {
  const today = Date.parse(new Clock('date', timeZone).day(now));
  for (let i = 0; i <= DAYS_AHEAD; i += 1) {
    const day = new Date(today + i * DAY_MS);
    if (!isOn(every, day)) continue;
    const at = readMoment(`${day.toISOString().slice(0, 10)}T${String(hour).padStart(2, '0')}:00`, timeZone);
    if (at && at > now) return at;
  }
  throw new Error(`no ${every} in ${DAYS_AHEAD} days`);
}

function isOn(every: Rhythm, day: Date): boolean {
  if (every === 'week') return day.getUTCDay() === 1;
  return every === 'day' || day.getUTCDate() === 1;
}

/** The schedules of a sponsor's people, or of the publisher's, the next first. */
export async function listSchedules(sponsor: string | undefined): Promise<Schedule[]> {
  const rows = await ScheduleModel.find(ownedBy(sponsor)).sort({ _id: 1 }).lean();
  const time = ({ nextAt }: ScheduleRow) => nextAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return rows.sort((a, b) => time(a) - time(b)).map(scheduleOf);
}

/** @throws GatefoldError `unknown-schedule`, also when it is somebody else's */
export async function findSchedule(id: string, sponsor: string | undefined): Promise<Schedule> {
  const row = await ScheduleModel.findOne({ _id: id, ...ownedBy(sponsor) }).lean();
  if (row) return scheduleOf(row);
  throw new GatefoldError('not-found', 'unknown-schedule', {
    log: `no schedule ${id} of ${sponsor ?? 'the publisher'}`,
    reader: 'There is no such schedule.',
    wayOut: 'Have a look at the list of scheduled exports.',
  });
}

/** @throws GatefoldError `unknown-campaign`, `unknown-profile`, `too-many-schedules` */
export async function addSchedule(
  wanted: Pick<Schedule, 'sponsor' | 'campaign' | 'profile' | 'account' | 'email' | 'every' | 'hour'>,
  now: Date,
): Promise<Schedule> {
  const { sponsor, campaign, profile } = wanted;
  await campaignFor(campaign, sponsor);
  const { timeZone } = await findProfile(profile, sponsor);
  if ((await ScheduleModel.countDocuments(ownedBy(sponsor))) >= MOST)
    throw new GatefoldError('conflict', 'too-many-schedules', `There are ${MOST} schedules already.`);
  const _id = randomBytes(9).toString('base64url');
  const row: ScheduleRow = { _id, ...wanted, timeZone, nextAt: nextTime({ ...wanted, timeZone }, now), at: now };
  await ScheduleModel.create(row);
  return scheduleOf(row);
}

/** @throws GatefoldError `unknown-schedule` */
export async function removeSchedule(id: string, sponsor: string | undefined): Promise<void> {
  await findSchedule(id, sponsor);
  await ScheduleModel.deleteOne({ _id: id, ...ownedBy(sponsor) });
}
