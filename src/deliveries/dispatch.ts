import { randomBytes } from 'node:crypto';
import { GatefoldError, messageOf } from '../errors';
import * as leads from '../leads/leads';
import type { Mailer, Message } from '../mail/mail';
import { StampError } from '../stamping/stamping';
import { takeFromBudget } from './budget';
import type { CopyDeps } from './copy';
import { DeliveryModel, type DeliveryRow, deliveryOf } from './delivery.model';
import type { Delivery, DeliveryKind } from './delivery.types';
import { ENDED, logged, type Step, stepAfter, stepAfterTrouble, stepOverBudget, stepWithoutCopy } from './outcomes';
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
  const address = leads.emailKey(delivery.to);
  const freeAt = await takeFromBudget(parcel.request, address, delivery.id, limits.mailsPerDay, deps.now());
  if (freeAt) return stepOverBudget(freeAt);
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
