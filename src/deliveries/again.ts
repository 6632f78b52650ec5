import * as campaigns from '../campaigns/campaigns';
import type { Config } from '../config';
import * as jobs from '../jobs/jobs';
import * as leads from '../leads/leads';
import type { Links } from '../links';
import { DeliveryModel } from './delivery.model';
import { resend, unlessUnderWay } from './resend';

/**
 * A reader wants their paper once more. Whoever asks learns nothing: it is a job, the same for a known address and any
 * other, and what comes of it comes by mail.
 */

/** An address as it was typed, or the request of a link that we signed. */
export type AskedAgain = { email: string } | { request: string };

/** Asks for it; asking again before it is done is asking once. */
export async function wantAgain(asked: AskedAgain, links: Links): Promise<void> {
  const who = 'email' in asked ? leads.emailKey(asked.email) : asked.request;
  await jobs.wantAgain({ kind: 'again', key: links.seal('again', who), payload: asked });
}

/**
 * Sends what was asked for, as a resend: under the address's budget, and not while an earlier mail is on its way or has
 * just gone.
 */
export async function sendAgain(
  { key, payload }: Pick<jobs.Job, 'key' | 'payload'>,
  { config, now }: { config: Pick<Config, 'limits'>; now: () => Date },
): Promise<jobs.Outcome> {
  const { email, request } = payload as { email?: string; request?: string };
  const asked = email === undefined ? await standing(request) : await leads.requestsOfAddress(email, await slugs());
  const since = new Date(now().getTime() - config.limits.sendAgainPause);
  for (const { ref } of asked) {
    if (await DeliveryModel.exists({ request: ref, createdAt: { $gt: since } })) continue;
    await resend(ref, 'its reader', config.limits).catch(unlessUnderWay);
  }
  // The address has no business in a job that is done.
  await jobs.forget('again', key);
  return { state: 'done' };
}

async function standing(ref = ''): Promise<leads.LeadRequest[]> {
  const request = await leads.findRequest(ref);
  const lead = request && (await leads.findLead(request.lead));
  const gone = !request || !lead || request.correctedAt || lead.status === 'undeliverable';
  return gone ? [] : [request];
}

async function slugs(): Promise<string[]> {
  return (await campaigns.listCampaigns()).map(({ slug }) => slug);
}
