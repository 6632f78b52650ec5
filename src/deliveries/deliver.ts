import { randomBytes } from 'node:crypto';
import * as campaigns from '../campaigns/campaigns';
import { GatefoldError, messageOf } from '../errors';
import type { Job, Outcome } from '../jobs/jobs';
import * as leads from '../leads/leads';
import type { Mailer, Sent } from '../mail/mail';
import { takeFromBudget } from './budget';
import { compose } from './compose';
import { type CopyDeps, copyFor } from './copy';
import { DeliveryModel, type DeliveryRow, deliveryOf } from './delivery.model';
import type { Delivery, DeliveryState } from './delivery.types';
import { type Step, stepAfter, stepOverBudget, stepWithoutCopy } from './outcomes';

export interface DeliverDeps extends CopyDeps {
  mailer: Mailer;
  now: () => Date;
}

const LOG_KEPT = 100;
const ENDED: DeliveryState[] = ['sent', 'refused', 'expired', 'failed'];

/**
 * Delivers one request: reads everything fresh by id, so that a row that waited an hour still tells the truth.
 * Idempotent: a repeat after a crash goes out under the same Message-ID, and a settled delivery is left alone.
 */
export async function deliver(job: Pick<Job, 'payload' | 'attempts'>, deps: DeliverDeps): Promise<Outcome> {
  const { request: ref, n = 0, by } = job.payload as { request: string; n?: number; by?: string };
  const request = await leads.findRequest(ref);
  if (!request) return { state: 'failed', reason: `request ${ref} is gone` };
  const delivery = await deliveryFor(request, { n, ...(by !== undefined && { by }) }, deps);
  // A crash fell between recording the outcome and settling the job.
  if (ENDED.includes(delivery.state)) return { state: 'done' };
  const step = await nextStep(request, delivery, job.attempts, deps);
  await record(delivery, step, deps.now());
  return step.job;
}

async function nextStep(
  request: leads.LeadRequest,
  delivery: Delivery,
  attempts: number,
  deps: DeliverDeps,
): Promise<Step> {
  const address = leads.emailKey(request.answers.email);
  const freeAt = await takeFromBudget(request.campaign, address, delivery.id, deps.now());
  if (freeAt) return stepOverBudget(freeAt);
  try {
    return stepAfter(await send(request, delivery, deps), attempts, deps.now());
  } catch (error) {
    // Anything unexpected is the job runner's to repeat; what we know can't mend itself ends here.
    if (error instanceof GatefoldError && error.kind !== 'unavailable') return stepWithoutCopy(messageOf(error));
    throw error;
  }
}

async function send(request: leads.LeadRequest, delivery: Delivery, deps: DeliverDeps): Promise<Sent> {
  const campaign = await campaigns.findCampaign(request.campaign);
  if (!campaign) throw campaigns.unknownCampaign(request.campaign);
  const { copy } = await copyFor(request.ref, deps);
  const { messageId } = delivery;
  return deps.mailer.send(await compose({ request, campaign, copy, messageId, links: deps.links, now: deps.now() }));
}

/** The delivery's row, made by whoever comes first; its Message-ID can't be guessed (promise 8). */
async function deliveryFor(
  request: leads.LeadRequest,
  which: { n: number; by?: string },
  { mailer, now }: DeliverDeps,
): Promise<Delivery> {
  const fresh: Omit<DeliveryRow, 'request' | 'n'> = {
    _id: randomBytes(12).toString('hex'),
    lead: request.lead,
    campaign: request.campaign,
    to: request.answers.email,
    messageId: await mailer.newMessageId(),
    ...(which.by !== undefined && { by: which.by }),
    state: 'waiting',
    createdAt: now(),
    log: [],
  };
  const row = await DeliveryModel.findOneAndUpdate(
    { request: request.ref, n: which.n },
    { $setOnInsert: fresh },
    { upsert: true, returnDocument: 'after' },
  ).lean();
  if (!row) throw new Error(`no delivery row for ${request.ref}`);
  return deliveryOf(row);
}

async function record(delivery: Delivery, { state, detail }: Step, at: Date): Promise<void> {
  await DeliveryModel.updateOne(
    { _id: delivery.id },
    {
      $set: { state, ...(state === 'sent' && { sentAt: at }) },
      $push: { log: { $each: [{ at, outcome: state, detail }], $slice: -LOG_KEPT } },
    },
  );
}
