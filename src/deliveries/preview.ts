import type { Campaign } from '../campaigns/campaign.types';
import { GatefoldError } from '../errors';
import type { LeadRequest } from '../leads/leads';
import type { Message } from '../mail/mail';
import { compose } from './compose';
import { type CopyDeps, copyOf } from './copy';

/** A message of a campaign: the copy, the button before it, or a follow-up by its place. */
export type Previewed = 'copy' | 'confirmation' | number;

/**
 * A message as this request would bring it, by the function that makes the reader's. Nothing is sent or kept.
 * @throws GatefoldError `no-such-message` for a follow-up that the campaign has not
 */
export async function previewLetter(
  which: Previewed,
  { campaign, request }: { campaign: Campaign; request: LeadRequest },
  deps: CopyDeps & { now: () => Date },
): Promise<Message> {
  const { links, config } = deps;
  const base = { request, campaign, links, now: deps.now(), messageId: '' };
  if (which === 'confirmation') return compose({ ...base, kind: which });
  if (which === 'copy') {
    return compose({ ...base, kind: which, copy: await copyOf(request, deps), attachedMax: config.limits.attachedMax });
  }
  const followUp = campaign.mail.followUps?.[which];
  const consent = followUp && request.consents.find(({ key }) => key === followUp.consent);
  if (!followUp || !consent) throw noSuchMessage(which);
  const unsubscribe = links.unsubscribe(links.unsubscribeToken(request.lead, followUp.consent));
  return compose({ ...base, kind: 'follow-up', followUp, consent, unsubscribe });
}

function noSuchMessage(which: number): GatefoldError {
  return new GatefoldError('not-found', 'no-such-message', {
    log: `no follow-up ${which}`,
    reader: 'The campaign has no such message.',
    wayOut: 'Open the preview of its mail again.',
  });
}
