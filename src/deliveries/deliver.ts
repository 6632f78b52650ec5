import { randomBytes } from 'node:crypto';
import * as campaigns from '../campaigns/campaigns';
import { GatefoldError, messageOf } from '../errors';
import type { Job, Outcome } from '../jobs/jobs';
import * as leads from '../leads/leads';
import type { Mailer, Sent } from '../mail/mail';
import { StampError } from '../stamping/stamping';
import { takeFromBudget } from './budget';
import { compose } from './compose';
import { type CopyDeps, copyFor } from './copy';
import { DeliveryModel, type DeliveryRow, deliveryOf } from './delivery.model';
import type { Delivery } from './delivery.types';
import {
  ENDED,
  logged,
  type Step,
  stepAfter,
  stepAfterTrouble,
  stepCancelled,
  stepOverBudget,
  stepWithoutCopy,
} from './outcomes';
import { returnAddress } from './return-address';

export interface DeliverDeps extends CopyDeps {
  mailer: Mailer;
  now: () => Date;
  log: { error(detail: object, text: string): void };
}

/**
 * Delivers one request: reads everything fresh by id, so that a row that waited an hour still tells the truth.
 * Idempotent: a repeat after a crash goes out under the same Message-ID, and a settled delivery is left alone.
 * @param signal aborted when another worker has taken the job over, who will say what became of it
 */
export async function deliver(
  job: Pick<Job, 'payload' | 'attempts'>,
  deps: DeliverDeps,
  signal?: AbortSignal,
): Promise<Outcome> {
  const { request: ref, n = 0, by } = job.payload as { request: string; n?: number; by?: string };
  const request = await leads.findRequest(ref);
  if (!request) return { state: 'failed', reason: `request ${ref} is gone` };
  const delivery = await deliveryFor(request, { n, ...(by !== undefined && { by }) }, deps);
  // A crash fell between recording the outcome and settling the job.
  if (ENDED.includes(delivery.state)) return { state: 'done' };
  const step = await nextStep(request, delivery, job.attempts, deps, signal);
  if (step.state !== 'sent' && signal?.aborted) return step.job;
  // The lead first: a repeat after a crash in between does both again.
  if (step.bounce === 'hard') await leads.undeliverable(request.lead, step.detail, deps.now());
  await record(delivery, step, deps.now());
  return step.job;
}

async function nextStep(
  request: leads.LeadRequest,
  delivery: Delivery,
  attempts: number,
  deps: DeliverDeps,
  signal: AbortSignal | undefined,
): Promise<Step> {
  if (request.correctedAt) return stepCancelled('the address was mistyped and has been corrected');
  const address = leads.emailKey(request.answers.email);
  const { mailsPerDay } = deps.config.limits;
  const freeAt = await takeFromBudget(request, address, delivery.id, mailsPerDay, deps.now());
  if (freeAt) return stepOverBudget(freeAt);
  try {
    return stepAfter(await send(request, delivery, deps, signal), attempts, deps.config.limits, deps.now());
  } catch (error) {
    deps.log.error({ request: request.ref, error: messageOf(error) }, 'deliveries: no message could be made');
    return cannotMend(error)
      ? stepWithoutCopy(messageOf(error))
      : stepAfterTrouble(messageOf(error), attempts, deps.config.limits, deps.now());
  }
}

/** A campaign or master that is gone, a text that doesn't fit its slot: trying again would end the same way. */
function cannotMend(error: unknown): boolean {
  return error instanceof StampError || (error instanceof GatefoldError && error.kind !== 'unavailable');
}

async function send(
  request: leads.LeadRequest,
  delivery: Delivery,
  deps: DeliverDeps,
  signal: AbortSignal | undefined,
): Promise<Sent> {
  const campaign = await campaigns.findCampaign(request.campaign);
  if (!campaign) throw campaigns.unknownCampaign(request.campaign);
  const { copy } = await copyFor(request.ref, deps);
  const { messageId } = delivery;
  const { attachedMax } = deps.config.limits;
  const message = await compose({
    request,
    campaign,
    copy,
    messageId,
    links: deps.links,
    attachedMax,
    now: deps.now(),
  });
  return deps.mailer.send({ ...message, returnTo: returnAddress(delivery.id, deps.links) }, signal);
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
    ...(request.test && { test: true as const }),
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

/** Writes down what happened. A delivery that another worker has ended meanwhile stays as it is. */
async function record(delivery: Delivery, { state, detail, bounce, job }: Step, at: Date): Promise<void> {
  const log = logged(delivery.log, { at, outcome: state, detail });
  const next = job.state === 'again' ? { nextAt: job.at } : {};
  await DeliveryModel.updateOne(
    // Called off while it was going out: it went.
    { _id: delivery.id, state: { $nin: state === 'sent' ? ENDED.filter((one) => one !== 'cancelled') : ENDED } },
    {
      $set: { state, log, ...next, ...(bounce && { bounce }), ...(state === 'sent' && { sentAt: at }) },
      ...(job.state !== 'again' && { $unset: { nextAt: '' } }),
    },
  );
}
