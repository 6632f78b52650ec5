import * as campaigns from '../campaigns/campaigns';
import type { Config } from '../config';
import { GatefoldError } from '../errors';
import * as leads from '../leads/leads';
import type { Links } from '../links';
import { shortDate } from '../locale';
import * as stamping from '../stamping/stamping';

/** What the making of a copy needs from outside. */
export interface CopyDeps {
  links: Links;
  config: Pick<Config, 'dataDir' | 'limits'>;
}

/**
 * The personal copy of a request: the same bytes at each call, by mail and by link.
 * @throws GatefoldError `unknown-request`, `copy-held` while the campaign wants the mailbox proved first
 */
export async function copyFor(ref: string, deps: CopyDeps): Promise<{ copy: stamping.Copy; fileName: string }> {
  const request = await leads.findRequest(ref);
  if (!request) {
    throw new GatefoldError('not-found', 'unknown-request', {
      log: `no request ${ref}`,
      reader: 'There is no whitepaper behind this link.',
      wayOut: 'Ask for the paper again.',
    });
  }
  if (leads.isHeld(request)) throw heldCopy(ref);
  return { copy: await copyOf(request, deps), fileName: request.whitepaper.fileName };
}

/** The copy that a request would have, whether it is in the store or a preview's. */
export async function copyOf(request: leads.LeadRequest, deps: CopyDeps): Promise<stamping.Copy> {
  const [master, site] = await Promise.all([
    campaigns.masterOf(request.whitepaper.master, deps.config.dataDir),
    campaigns.site(),
  ]);
  const { ref, answers, at, whitepaper } = request;
  const reader: stamping.Reader = {
    name: readerName(answers),
    email: answers.email,
    ...(answers.company !== undefined && { company: answers.company }),
    date: shortDate(at, site.locale, site.timezone),
    ref,
    seed: deps.links.seal('copy', `${whitepaper.master} ${ref}`),
  };
  return stamping.personalise(master, reader);
}

function heldCopy(ref: string): GatefoldError {
  return new GatefoldError('forbidden', 'copy-held', {
    log: `the copy of ${ref} waits for the proof of its mailbox`,
    reader: 'Your copy waits until you have confirmed your address.',
    wayOut: 'Press the button in the message that we have sent you.',
  });
}

/** How a reader is named on the copy; a form that asks for no name leaves the address. */
export function readerName({ firstName, lastName, email }: leads.Answers): string {
  return [firstName, lastName].filter(Boolean).join(' ') || email;
}
