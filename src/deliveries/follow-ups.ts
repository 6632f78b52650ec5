import type { Campaign, FollowUp } from '../campaigns/campaign.types';
import * as campaigns from '../campaigns/campaigns';
import * as jobs from '../jobs/jobs';
import * as leads from '../leads/leads';
import * as ledger from '../ledger/ledger';
import { laneOf } from '../mail/mail';
import { compose } from './compose';
import { DeliveryModel, type DeliveryRow } from './delivery.model';
import { FOLLOW_UPS_FROM } from './delivery.types';
import { type DeliverDeps, dispatch } from './dispatch';
import { type Step, stepCancelled, stepSuppressed } from './outcomes';
import { suppressionOf } from './suppression';

/**
 * Messages some days after the copy, each under a consent of its own. A lead gets each once, however often its reader asks.
 * Whether it still may is asked when it is due: what was agreed to can be taken back meanwhile.
 */

const DAY_MS = 86_400_000;

/** The copy went out: asks for what follows it. Asking twice is asking once; a test has no follow-ups. */
export async function wantFollowUps(
  { lead, campaign: slug, test, answers }: leads.LeadRequest,
  { config, now }: Pick<DeliverDeps, 'config' | 'now'>,
): Promise<void> {
  if (test) return;
  const lane = laneOf(answers.email, config.limits.mailDomainLimits);
  const campaign = await campaigns.findCampaign(slug);
  for (const [index, { afterDays }] of (campaign?.mail.followUps ?? []).entries()) {
    const dueAt = new Date(now().getTime() + afterDays * DAY_MS);
    await jobs.want({ kind: 'follow-up', key: `${lead}:${index}`, owner: slug, lane, payload: { lead, index }, dueAt });
  }
}

/**
 * Sends one follow-up, if it is still wanted: the campaign has it, its consent holds, the copy arrived, and nobody has
 * complained or unsubscribed.
 */
export async function followUp(
  job: Pick<jobs.Job, 'payload' | 'attempts'>,
  deps: DeliverDeps,
  signal?: AbortSignal,
): Promise<jobs.Outcome> {
  const { lead: id, index } = job.payload as { lead: string; index: number };
  const lead = await leads.findLead(id);
  const campaign = lead && (await campaigns.findCampaign(lead.campaign));
  const wanted = campaign?.mail.followUps?.[index];
  const request = lead && (await leads.findRequest(lead.current.ref));
  if (!lead || !campaign || !wanted || !request) return { state: 'done' };
  const mails = await DeliveryModel.find({ lead: id }).lean();
  const dueAt = dueFrom(mails, wanted);
  if (dueAt > deps.now()) return { state: 'again', at: dueAt, reason: 'not yet its day', counts: false };
  const stop = await whyNot(lead, wanted, mails);
  const n = FOLLOW_UPS_FROM + index;
  // Nothing is written down about what never was to go; what was put off says why it ended.
  if (stop && stop.state !== 'suppressed' && !mails.some((row) => row.n === n)) return { state: 'done' };
  const parcel = {
    // One row for the lead, whichever of its requests is the current one.
    request: { ...request, ref: id },
    kind: 'follow-up' as const,
    n,
    stop,
    compose: (messageId: string) => letter({ lead, campaign, wanted, request, messageId }, deps),
  };
  return (await dispatch(parcel, job.attempts, deps, signal)).job;
}

function letter(
  {
    lead,
    wanted,
    ...which
  }: { lead: leads.Lead; campaign: Campaign; wanted: FollowUp; request: leads.LeadRequest; messageId: string },
  { links, now }: DeliverDeps,
) {
  const consent = consentFor(lead, wanted);
  if (!consent) throw new Error(`no consent ${wanted.consent}`);
  const unsubscribe = links.unsubscribe(links.unsubscribeToken(lead.id, wanted.consent));
  return compose({ ...which, links, now: now(), kind: 'follow-up', followUp: wanted, consent, unsubscribe });
}

/** Staff may have moved its day since it was asked for. */
function dueFrom(mails: DeliveryRow[], { afterDays }: FollowUp): Date {
  const sent = mails.flatMap(({ kind = 'copy', sentAt }) => (kind === 'copy' && sentAt ? [sentAt.getTime()] : []));
  return new Date(Math.min(...sent) + afterDays * DAY_MS);
}

function consentFor({ current }: leads.Lead, { consent }: FollowUp): leads.ConsentEvidence | undefined {
  return current.consents.find(({ key, given }) => key === consent && given);
}

async function whyNot(lead: leads.Lead, wanted: FollowUp, mails: DeliveryRow[]): Promise<Step | null> {
  if (!consentFor(lead, wanted)) return stepCancelled(`no consent to ${wanted.consent}`);
  if (lead.status !== 'active') return stepCancelled(`the lead is ${lead.status}`);
  const bad = mails.find(({ state }) => state === 'bounced' || state === 'complained');
  if (bad) return stepCancelled(`an earlier message ${bad.state}`);
  const settlements = await ledger.settlementsOf(lead.id);
  if (settlements.some(({ decision }) => decision === 'returned')) return stepCancelled('a sponsor gave the lead back');
  const entry = await suppressionOf(lead.email, wanted.consent);
  return entry && stepSuppressed(entry.purpose);
}
