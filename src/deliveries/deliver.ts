import type { Campaign } from '../campaigns/campaign.types';
import * as campaigns from '../campaigns/campaigns';
import type { Job, Outcome } from '../jobs/jobs';
import * as leads from '../leads/leads';
import { compose } from './compose';
import { copyFor } from './copy';
import { type DeliverDeps, dispatch, type Parcel } from './dispatch';
import { wantFollowUps } from './follow-ups';
import { type Step, stepCancelled, stepSuppressed } from './outcomes';
import { suppressionOf } from './suppression';

export type { DeliverDeps } from './dispatch';

/** Its place among the deliveries of a request. */
const CONFIRMATION = -1;

/**
 * Delivers one request: reads everything fresh by id, so that a row that waited an hour still tells the truth. A campaign
 * that wants the address confirmed first gets the mail with the button, and the copy once it was pressed.
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
  const stop = await whyNot(request);
  const which = { request, stop, ...(by !== undefined && { by }) };
  const parcel = leads.isHeld(request) ? confirmation(which, n, deps) : copyParcel({ ...which, n }, deps);
  const { delivery, job: outcome } = await dispatch(parcel, job.attempts, deps, signal);
  if (delivery.kind === 'copy' && delivery.state === 'sent') await wantFollowUps(request, deps);
  return outcome;
}

/** A correction of the address, or the list of who is sent nothing. */
async function whyNot({ correctedAt, answers }: leads.LeadRequest): Promise<Step | null> {
  if (correctedAt) return stepCancelled('the address was mistyped and has been corrected');
  const entry = await suppressionOf(answers.email);
  return entry && stepSuppressed(entry.purpose);
}

type Which = Pick<Parcel, 'request' | 'stop' | 'by'>;

function copyParcel(which: Which & { n: number }, deps: DeliverDeps): Parcel {
  const { request } = which;
  return {
    ...which,
    kind: 'copy',
    async compose(messageId) {
      const campaign = await campaignOf(request);
      const { copy } = await copyFor(request.ref, deps);
      const { attachedMax } = deps.config.limits;
      const what = { kind: 'copy', copy, attachedMax } as const;
      return compose({ request, campaign, messageId, links: deps.links, now: deps.now(), ...what });
    },
  };
}

/** A resend before the button was pressed sends the button again. */
function confirmation(which: Which, n: number, deps: DeliverDeps): Parcel {
  const { request } = which;
  return {
    ...which,
    kind: 'confirmation',
    n: n === 0 ? CONFIRMATION : n,
    compose: async (messageId) =>
      compose({
        request,
        campaign: await campaignOf(request),
        messageId,
        links: deps.links,
        now: deps.now(),
        kind: 'confirmation',
      }),
  };
}

async function campaignOf({ campaign: slug }: leads.LeadRequest): Promise<Campaign> {
  const campaign = await campaigns.findCampaign(slug);
  if (!campaign) throw campaigns.unknownCampaign(slug);
  return campaign;
}
