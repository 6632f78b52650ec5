import * as accounts from './accounts/accounts';
import * as campaigns from './campaigns/campaigns';
import * as deliveries from './deliveries/deliveries';
import * as destinations from './destinations/destinations';
import { messageOf } from './errors';
import * as exports_ from './exports/exports';
import * as jobs from './jobs/jobs';
import * as leads from './leads/leads';
import * as ledger from './ledger/ledger';
import type { DomainLimit, Limits } from './limits';
import * as mail from './mail/mail';
import { carryOut } from './privacy/privacy';
import { dropHeld } from './store/files';
import type { Services } from './web/services';

export interface Worker {
  nudge(): void;
  stop(): Promise<void>;
}

const SWEPT_AT_ONCE = 100;

/** The back of the house: turns what requests owe into jobs, and does them. */
export function startWorker(services: Services): Worker {
  // The jobs that never end; a worker of an older release gives up what it does not know.
  for (const kind of ['digest', 'hand-over']) {
    void jobs.wantAgain({ kind, key: 'all' }).catch((error) => services.log.error({ error: messageOf(error) }, kind));
  }
  void jobs.giveQueues().catch((error) => services.log.error({ error: messageOf(error) }, 'queues'));
  void leads.makeSearchable().catch((error) => services.log.error({ error: messageOf(error) }, 'search'));
  const { limits } = services.config;
  void dropHeld(new Date(services.now().getTime() - limits.importWaits)).catch((error) =>
    services.log.error({ error: messageOf(error) }, 'imports that nobody said yes to'),
  );
  // A server that is down is asked by one mail, and the others stay where they are.
  const mailsAtOnce = () => Math.min(limits.deliveriesAtOnce, services.mailer.atOnce());
  return jobs.startJobs({
    handlers: {
      deliver: (job, signal) => deliveries.deliver(job, services, signal),
      'follow-up': (job, signal) => deliveries.followUp(job, services, signal),
      settle: async ({ payload }) => {
        await ledger.settle(String(payload['lead']), services.now());
        return { state: 'done' };
      },
      refill: async ({ payload }) => {
        await ledger.refill(String(payload['contract']), services.now());
        return { state: 'done' };
      },
      return: async ({ payload }) => {
        await ledger.carryOutReturn(String(payload['return']));
        return { state: 'done' };
      },
      disclose: (job, signal) => destinations.send(job, services, signal),
      draw: async ({ payload }) => {
        await campaigns.drawPictures(payload as unknown as campaigns.Drawable);
        return { state: 'done' };
      },
      again: (job) => deliveries.sendAgain(job, services),
      erase: async ({ payload }) => {
        await carryOut(String(payload['lead']), { dataDir: services.config.dataDir, now: services.now() });
        return { state: 'done' };
      },
      letter: (job) => accounts.sendLetter(job, { ...services, site: campaigns.site }),
      'hand-over': (job) => exports_.handOver(job, services),
      digest: (job) => accounts.sendDigests(job, { ...services, site: campaigns.site, newLeads }),
    },
    // All that goes by mail; what somebody waits for goes before what follows it.
    pools: [{ kinds: ['letter', 'deliver', 'follow-up', 'digest'], atOnce: mailsAtOnce }],
    limitOf: (lane) => destinations.limitOf(lane, limits.webhooksAtOnce) ?? mail.limitOf(lane, limits.mailDomainLimits),
    sweep: () => sweep(limits),
    limits,
    log: services.log,
  });
}

/** How many leads came in since then, for each campaign. */
async function newLeads(since: Date): Promise<{ title: string; count: number }[]> {
  const all = await campaigns.listCampaigns();
  return Promise.all(all.map(async ({ slug, title }) => ({ title, count: await leads.countSince(slug, since) })));
}

/** Ten workers that find the same rows owing would each ask for the same jobs; so one of them does. */
async function sweep(limits: Limits): Promise<boolean> {
  const [paid, passedOn] = [await sweepRequests(limits), await sweepSettled(limits)];
  return paid || passedOn;
}

/** What became a sponsor's goes to where they want it. */
async function sweepSettled({ jobLease }: Limits): Promise<boolean> {
  if (!(await destinations.isOwed())) return false;
  return jobs.alone('pass on', jobLease, () => destinations.passOn(SWEPT_AT_ONCE));
}

async function sweepRequests({ jobLease, mailDomainLimits }: Limits): Promise<boolean> {
  if ((await leads.owed(1)).length === 0) return false;
  return jobs.alone('sweep', jobLease, async () => {
    const owed = await leads.owed(SWEPT_AT_ONCE);
    await Promise.all(owed.map((one) => pay(one, mailDomainLimits)));
  });
}

/** Owed → jobs → paid, in this order: a crash in between wants a job twice, which is wanting it once. */
async function pay({ ref, lead, campaign, email, wanted }: leads.Owed, rules: readonly DomainLimit[]): Promise<void> {
  const lane = mail.laneOf(email, rules);
  // Again: a copy that was held for the button is owed once more. What has ended stays ended.
  if (wanted.includes('deliver')) {
    await jobs.wantAgain({ kind: 'deliver', key: ref, owner: campaign, lane, payload: { request: ref } });
  }
  // A proof or a decision of staff asks for another look at a lead that was settled before.
  if (wanted.includes('settle'))
    await jobs.wantAgain({ kind: 'settle', key: lead, owner: campaign, payload: { lead } });
  await leads.paid(ref, wanted);
}
