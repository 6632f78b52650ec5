import { type Request, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import * as campaigns from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { longDateTime } from '../locale';
import { contractsOfSponsor } from '../sponsors/sponsors';
import { readForm } from '../web/csrf';
import { accountOf } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { listProfiles } from './exports';
import { readMark } from './hand-over';
import { RHYTHMS, type Rhythm, type Schedule } from './schedule.types';
import { addSchedule, findSchedule, listSchedules, removeSchedule } from './schedules';
import type { Side } from './side';

interface Typed {
  campaign: string;
  profile: string;
  every: string;
  hour: string;
}

/** Scheduled exports of one side of the house: each person's own mail, and the link in it. */
export function scheduleRoutes({ links, now }: Services, side: Side): Router {
  const router = Router();
  const { base, owner, mayChange, mayTake, downloads } = side;
  const path = `${base}/schedules`;

  router.get(path, (request, response) => show(request, response));

  router.post(path, readForm, async (request: Request, response: Response) => {
    if (!mayTake(response)) throw notYours();
    const typed = typedIn(request.body);
    const read = readTyped(typed, await choices(response));
    if ('mistake' in read) return show(request, response, { typed, mistake: read.mistake });
    const { id: account, email } = accountOf(response);
    const sponsor = owner(response);
    try {
      const schedule = await addSchedule(
        { ...read.value, ...(sponsor !== undefined && { sponsor }), account, email },
        now(),
      );
      await audit({ actor: email, action: 'scheduled an export', subject: schedule.campaign, after: { every: schedule.every, hour: schedule.hour } }); // biome-ignore format: one line
      response.redirect(303, path);
    } catch (error) {
      if (!(error instanceof GatefoldError) || error.kind !== 'conflict') throw error;
      await show(request, response, { typed, mistake: error.reader });
    }
  });

  router.post(`${path}/:id/remove`, readForm, async (request: Request, response: Response) => {
    const schedule = await findSchedule(String(request.params['id']), owner(response));
    const { id, email } = accountOf(response);
    if (schedule.account !== id && !mayChange(response)) throw notYours();
    await removeSchedule(schedule.id, owner(response));
    await audit({ actor: email, action: 'ended a scheduled export', subject: schedule.campaign });
    response.redirect(303, path);
  });

  // Behind the sign-in: the link opens nothing by itself.
  router.get(`${path}/:id/:expires/:mark`, async (request: Request, response: Response) => {
    const { id = '', expires = '', mark = '' } = request.params as Record<string, string>;
    const state = readMark(links, { id, expires, mark }, now());
    const { campaign, profile } = await findSchedule(state === 'forged' ? '' : id, owner(response));
    if (state === 'over') throw over();
    response.redirect(303, `${downloads(campaign)}?${new URLSearchParams({ profile, range: 'new' })}`);
  });

  async function choices(response: Response) {
    const sponsor = owner(response);
    const theirs = sponsor && (await contractsOfSponsor(sponsor)).map(({ campaign }) => campaign);
    const all = (await campaigns.listCampaigns()).filter(({ slug }) => !theirs || theirs.includes(slug));
    const open = all.map(({ slug, title }) => ({ slug, title }));
    return { campaigns: open, profiles: await listProfiles(sponsor) };
  }

  async function show(
    request: Request,
    response: Response,
    view: { typed?: Typed; mistake?: string } = {},
  ): Promise<void> {
    const { locale, timezone } = await campaigns.site();
    const { typed = { campaign: '', profile: '', every: 'week', hour: '8' }, mistake } = view;
    const chosen = await choices(response);
    const schedules = (await listSchedules(owner(response))).map((one) => ({ ...one, ...namesOf(one, chosen) }));
    const when = (at: Date) => longDateTime(at, locale, timezone);
    const { id: own } = accountOf(response);
    const may = { take: mayTake(response), remove: (one: Schedule) => one.account === own || mayChange(response) };
    const locals = { ...chosen, schedules, typed, mistake, when, may, base, rhythms: RHYTHMS };
    const title = `${mistake ? 'Error: ' : ''}Scheduled exports`;
    await renderPage(request, response, 'exports/schedules', { title, ...locals }, { status: mistake ? 422 : 200 });
  }

  return router;
}

type Choices = { campaigns: { slug: string; title: string }[]; profiles: { id: string; name: string }[] };

const namesOf = ({ campaign, profile }: Schedule, { campaigns: all, profiles }: Choices) => ({
  title: all.find(({ slug }) => slug === campaign)?.title ?? campaign,
  profileName: profiles.find(({ id }) => id === profile)?.name ?? 'removed',
});

function typedIn(body: Record<string, unknown>): Typed {
  const text = (name: keyof Typed) => (typeof body[name] === 'string' ? body[name] : '');
  return { campaign: text('campaign'), profile: text('profile'), every: text('every'), hour: text('hour') };
}

type Read = { mistake: string } | { value: { campaign: string; profile: string; every: Rhythm; hour: number } };

function readTyped({ campaign, profile, every, hour }: Typed, { campaigns: all, profiles }: Choices): Read {
  const rhythm = RHYTHMS.find((one) => one === every);
  if (!all.some(({ slug }) => slug === campaign)) return { mistake: 'Choose a campaign.' };
  if (!profiles.some(({ id }) => id === profile)) return { mistake: 'Choose an export profile.' };
  if (!rhythm) return { mistake: 'Choose how often.' };
  if (!/^([01]?\d|2[0-3])$/.test(hour)) return { mistake: 'Choose an hour from 0 to 23.' };
  return { value: { campaign, profile, every: rhythm, hour: Number(hour) } };
}

const notYours = () =>
  new GatefoldError('forbidden', 'not-for-you', 'Your account can’t do this to a scheduled export.');

const over = () =>
  new GatefoldError('gone', 'link-over', {
    log: 'the link of a scheduled export is over',
    reader: 'This link is over; the leads are where they were.',
    wayOut: 'Open the campaign and take them there.',
  });
