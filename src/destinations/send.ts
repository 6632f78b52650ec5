import { createHash } from 'node:crypto';
import { type Account, listAccounts, type Role, wantNotice } from '../accounts/accounts';
import { type OneLead, oneLead } from '../exports/exports';
import type { Job, Outcome } from '../jobs/jobs';
import type { Limits } from '../limits';
import { BadTarget, type Target, targetOf } from '../target';
import { DestinationModel, type DestinationRow, MessageModel, type MessageRow } from './destination.model';
import type { Try } from './destination.types';
import { post } from './post';
import { signedHeaders } from './secret';

export interface SendingDeps {
  config: {
    limits: Pick<Limits, 'dnsServers' | 'webhookPrivate' | 'webhookRetries' | 'webhookTimeout'>;
    secretKeys: readonly string[];
  };
  now: () => Date;
}

/** So many tries stand in a message's log; a receiver that is replayed for years does not fill the store. */
const TRIES_KEPT = 50;
/** A fifth more or less: many messages that failed at once don't come back at once. */
const JITTER = 0.2;
const GONE = 410;

const DONE: Outcome = { state: 'done' };

/**
 * Sends one message, if it still waits and the sponsor may still have the lead; both are read anew at each try.
 * A crash between the other side's answer and our record sends it again under the same id.
 */
export async function send(job: Job, deps: SendingDeps, signal: AbortSignal): Promise<Outcome> {
  const message = await MessageModel.findOne({ _id: String(job.payload['message']), state: 'waiting' }).lean();
  const destination = message && (await DestinationModel.findOne({ _id: message.destination, state: 'active' }).lean());
  if (!destination) return DONE;
  const { campaign, sponsor, lead } = message;
  const one = await oneLead({ campaign, sponsor, lead, profile: destination.profile });
  if (!one) {
    await MessageModel.updateOne({ _id: message._id }, { $set: { state: 'withheld' } });
    return DONE;
  }
  const began = deps.now();
  const result = await attempt(destination, message, one, { ...deps, signal });
  // Whoever stopped us wants it tried by another, and no other side failed.
  if (signal.aborted && 'error' in result)
    return { state: 'again', at: deps.now(), reason: 'cut short', counts: false };
  return record(destination, message, { at: began, ms: deps.now().getTime() - began.getTime(), ...result }, job, deps);
}

type Result = Pick<Try, 'status' | 'error'>;

async function attempt(
  destination: DestinationRow,
  message: MessageRow,
  lead: OneLead,
  { config, now, signal }: SendingDeps & { signal: AbortSignal },
): Promise<Result> {
  const { limits, secretKeys } = config;
  let target: Target;
  try {
    target = await targetOf(destination.url, limits);
  } catch (error) {
    if (error instanceof BadTarget) return { error: error.message };
    throw error;
  }
  const body = JSON.stringify({ type: 'lead.shared', timestamp: message.at.toISOString(), data: lead.values });
  const headers = signedHeaders(destination, { id: message._id, at: now(), body, keys: secretKeys });
  let ended: ((sha256?: string) => Promise<void>) | undefined;
  const connected = async () => {
    ended = await lead.disclose(destination.name);
  };
  const posted = await post(target, { headers, body, timeout: limits.webhookTimeout, signal, connected });
  await ended?.('status' in posted ? createHash('sha256').update(body).digest('hex') : undefined);
  return posted;
}

/** 2xx is taken; anything else is tried again, for days. A redirect is not followed: it could lead anywhere. */
async function record(
  destination: DestinationRow,
  message: MessageRow,
  tried: Try,
  job: Job,
  { config }: SendingDeps,
): Promise<Outcome> {
  const { status = 0 } = tried;
  const push = { $push: { tries: { $each: [tried], $slice: -TRIES_KEPT } } };
  if (status >= 200 && status < 300) {
    await MessageModel.updateOne({ _id: message._id }, { ...push, $set: { state: 'taken' } });
    await DestinationModel.updateOne({ _id: destination._id }, { $set: { takenAt: tried.at } });
    return DONE;
  }
  if (status === GONE) {
    await MessageModel.updateOne({ _id: message._id }, push);
    await pauseDead(destination, 'It answered that it is gone (410).', tried.at);
    return DONE;
  }
  const wait = config.limits.webhookRetries[job.attempts];
  if (wait !== undefined) {
    await MessageModel.updateOne({ _id: message._id }, push);
    const jittered = wait * (1 + JITTER * (2 * Math.random() - 1));
    const reason = tried.error ?? `status ${status}`;
    return { state: 'again', at: new Date(tried.at.getTime() + tried.ms + jittered), reason, counts: true };
  }
  await MessageModel.updateOne({ _id: message._id }, { ...push, $set: { state: 'failed' } });
  const { takenAt } = (await DestinationModel.findOne({ _id: destination._id }, { takenAt: 1 }).lean()) ?? {};
  if (!takenAt || takenAt < job.firstAt) await pauseDead(destination, 'It took nothing for days.', tried.at);
  return { state: 'failed', reason: tried.error ?? `status ${status}` };
}

/** Messages wait from now on, until somebody resumes it. */
async function pauseDead({ _id, sponsor, name }: DestinationRow, reason: string, at: Date): Promise<void> {
  const { modifiedCount } = await DestinationModel.updateOne(
    { _id, state: 'active' },
    { $set: { state: 'paused', reason } },
  );
  if (modifiedCount === 1) await tellOfPause({ _id, sponsor, name }, reason, at);
}

/** The sponsor's administrators, who can mend it, and the publisher's, who are asked why no leads come. */
async function tellOfPause(
  { _id, sponsor, name }: Pick<DestinationRow, '_id' | 'sponsor' | 'name'>,
  reason: string,
  at: Date,
): Promise<void> {
  const paragraphs = [
    `Leads of ${sponsor} are no longer sent to “${name}”. ${reason}`,
    'They wait and none is lost. Once it answers again, resume it on its page; what waited is sent then.',
  ];
  const notice = { subject: `No leads reach “${name}”`, paragraphs };
  const of = (role: Role) => (account: Account) => account.role === role && !account.disabledAt;
  const theirs = (await listAccounts({ sponsor })).filter(of('sponsor-admin'));
  const ours = (await listAccounts()).filter(of('admin'));
  for (const { id } of theirs) {
    const button = { label: 'See the destination', path: `/portal/destinations/${_id}` };
    await wantNotice(id, `${_id}:${at.toISOString()}`, { ...notice, button });
  }
  for (const { id } of ours)
    await wantNotice(id, `${_id}:${at.toISOString()}`, { ...notice, button: { label: 'Staff site', path: '/staff' } });
}
