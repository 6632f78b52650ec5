import { randomBytes } from 'node:crypto';
import { GatefoldError, messageOf } from '../errors';
import * as leads from '../leads/leads';
import type { Mailer, Message } from '../mail/mail';
import { StampError } from '../stamping/stamping';
import { takeFromBudget } from './budget';
import type { CopyDeps } from './copy';
import { takeFromDay } from './day-budget';
import { DeliveryModel, type DeliveryRow, deliveryOf } from './delivery.model';
import type { Delivery, DeliveryKind } from './delivery.types';
import {
  ENDED,
  logged,
  type Step,
  stepAfter,
  stepAfterTrouble,
  stepOverBudget,
  stepRepeated,
  stepWithoutCopy,
} from './outcomes';
import { returnAddress } from './return-address';

export interface DeliverDeps extends CopyDeps {
  mailer: Mailer;
  now: () => Date;
  log: { error(detail: object, text: string): void };
}

/** One mail that is wanted: about which request, and how it is made. */
export interface Parcel {
  request: leads.LeadRequest;
  kind: DeliveryKind;
  n: number;
  by?: string;
  /** Why it does not go after all. */
  stop: Step | null;
  compose(messageId: string): Promise<Message>;
}

/**
 * Sends one mail, or says why not, and writes down what became of it. Idempotent: a repeat after a crash goes out under
 * the same Message-ID, and what has ended is left alone.
 * @param signal aborted when another worker has taken the job over, who will say what became of it
 * @returns the delivery as it is now, and what that means for the job
 */
export async function dispatch(
  parcel: Parcel,
  attempts: number,
  deps: DeliverDeps,
  signal: AbortSignal | undefined,
): Promise<{ delivery: Delivery; job: Step['job'] }> {
  const delivery = await deliveryFor(parcel, deps);
  // A crash fell between recording the outcome and settling the job.
  if (ENDED.includes(delivery.state)) return { delivery, job: { state: 'done' } };
  const step = parcel.stop ?? (await nextStep(parcel, delivery, attempts, deps, signal));
  if (step.state !== 'sent' && signal?.aborted) return { delivery, job: step.job };
  // The lead first: a repeat after a crash in between does both again.
  const nobody = step.bounce === 'hard' && parcel.kind !== 'follow-up';
  if (nobody) await leads.undeliverable(delivery.lead, step.detail, deps.now());
  await record(delivery, step, deps.now());
  return { delivery: { ...delivery, state: step.state }, job: step.job };
}

async function nextStep(
  parcel: Parcel,
  delivery: Delivery,
  attempts: number,
  deps: DeliverDeps,
  signal: AbortSignal | undefined,
): Promise<Step> {
  const { limits } = deps.config;
  const waits = await whyWait(parcel, delivery, deps);
  if (waits) return waits;
  try {
    const message = await parcel.compose(delivery.messageId);
    const returnTo = returnAddress(delivery.id, deps.links);
    return stepAfter(await deps.mailer.send({ ...message, returnTo }, signal), attempts, limits, deps.now());
  } catch (error) {
    deps.log.error({ request: delivery.request, error: messageOf(error) }, 'deliveries: no message could be made');
    return cannotMend(error)
      ? stepWithoutCopy(messageOf(error))
      : stepAfterTrouble(messageOf(error), attempts, limits, deps.now());
  }
}

/** Over a budget of the day. What waits there is overtaken by a newer request for the same paper, so that it comes once. */
async function whyWait({ request, n }: Parcel, delivery: Delivery, { config, now }: DeliverDeps): Promise<Step | null> {
  const { limits } = config;
  const waited = delivery.log.some(({ outcome }) => outcome === 'waiting');
  const address = leads.emailKey(delivery.to);
  const take = () => takeFromBudget(request, address, delivery.id, limits.mailsPerDay, now());
  const overtaken = waited ? await newerThan(request, n) : undefined;
  if (overtaken) return stepRepeated(overtaken);
  const freeAt = await take();
  if (freeAt) {
    const newer = await newerThan(request, n);
    return newer ? stepRepeated(newer) : stepOverBudget(freeAt, 'address');
  }
  const nextDay = await takeFromDay(delivery, request, limits, now());
  return nextDay && stepOverBudget(nextDay, 'day');
}

/** The newest request of the lead that stands, if it is a later one; a resend and a follow-up are nobody's repeat. */
async function newerThan({ ref, lead, at }: leads.LeadRequest, n: number): Promise<string | undefined> {
  if (n > 0) return undefined;
  const standing = (await leads.requestsOf(lead)).filter(({ correctedAt }) => !correctedAt);
  const newest = standing.reduce((a, b) => (b.at > a.at ? b : a), standing[0] ?? { ref, at });
  return newest.at > at ? newest.ref : undefined;
}

/** A campaign or master that is gone, a text that doesn't fit its slot: trying again would end the same way. */
function cannotMend(error: unknown): boolean {
  return error instanceof StampError || (error instanceof GatefoldError && error.kind !== 'unavailable');
}

/** The delivery's row, made by whoever comes first; its Message-ID can't be guessed (promise 8). */
async function deliveryFor({ request, kind, n, by }: Parcel, { mailer, now }: DeliverDeps): Promise<Delivery> {
  const fresh: Omit<DeliveryRow, 'request' | 'n'> = {
    _id: randomBytes(12).toString('hex'),
    kind,
    lead: request.lead,
    campaign: request.campaign,
    to: request.answers.email,
    messageId: await mailer.newMessageId(),
    ...(by !== undefined && { by }),
    ...(request.test && { test: true as const }),
    state: 'waiting',
    createdAt: now(),
    log: [],
  };
  const row = await DeliveryModel.findOneAndUpdate(
    { request: request.ref, n },
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
