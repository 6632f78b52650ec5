import { GatefoldError } from '../errors';
import * as jobs from '../jobs/jobs';
import * as leads from '../leads/leads';
import { type Limits, readLimits } from '../limits';
import { laneOf } from '../mail/mail';
import { DeliveryModel } from './delivery.model';
import { FOLLOW_UPS_FROM } from './delivery.types';
import { revokeLinks } from './reader-links';

type LaneLimits = Pick<Limits, 'mailDomainLimits'>;

/**
 * Sends a request's copy again: a new delivery with its own Message-ID.
 * @throws GatefoldError `unknown-request`, `delivery-under-way` while an earlier one has not ended
 */
export async function resend(ref: string, by: string, limits: LaneLimits = readLimits({})): Promise<void> {
  const [request, rows] = await Promise.all([leads.findRequest(ref), DeliveryModel.find({ request: ref }).lean()]);
  const earlier = rows.filter((row) => row.n < FOLLOW_UPS_FROM);
  if (!request) throw new GatefoldError('not-found', 'unknown-request', `no request ${ref}`);
  const first = await jobs.find('deliver', ref);
  const open = first?.state === 'due' || earlier.some(({ state }) => state === 'waiting' || state === 'deferred');
  if (open) {
    throw new GatefoldError('conflict', 'delivery-under-way', {
      log: `request ${ref} is being delivered`,
      reader: 'This copy is still on its way.',
      wayOut: 'Wait until the delivery has ended, then send it again.',
    });
  }
  const n = Math.max(0, ...earlier.map((row) => row.n)) + 1;
  const lane = laneOf(request.answers.email, limits.mailDomainLimits);
  const payload = { request: ref, n, by };
  await jobs.want({ kind: 'deliver', key: jobKey(ref, n), owner: request.campaign, lane, payload });
}

/**
 * Takes the links of a request back and mails new ones; a mail that is on its way already carries the new ones.
 * @throws GatefoldError `unknown-request`
 */
export async function reissue(ref: string, by: string, at: Date, limits?: LaneLimits): Promise<void> {
  await revokeLinks(ref, by, at);
  await resend(ref, by, limits).catch(unlessUnderWay);
}

/** What is on its way need not be asked for. */
export function unlessUnderWay(error: unknown): void {
  if (!(error instanceof GatefoldError) || error.code !== 'delivery-under-way') throw error;
}

/** The job of the delivery that the form asked for is named after the request; a resend adds its number. */
export const jobKey = (ref: string, n: number): string => (n === 0 ? ref : `${ref}:${n}`);
