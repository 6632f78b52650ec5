import type { ReaderToken } from '../links';
import { DeliveryModel } from './delivery.model';

/** What a request for a copy tells of who makes it. */
export interface Visit {
  userAgent: string;
  /** `Sec-Purpose`, or what browsers sent before it. */
  purpose: string;
  at: Date;
}

/**
 * Whether a program looks into the mail before its reader does. The rules, as docs/reference/settings.md states them:
 * it names itself as one, or nothing at all; a browser says that it only fetches ahead; or a link in a mail is opened
 * within SCAN_WINDOW after the mail went, before anybody can have read it.
 */
export async function isScanner(
  { request, channel }: Pick<ReaderToken, 'request' | 'channel'>,
  { userAgent, purpose, at }: Visit,
  window: number,
): Promise<boolean> {
  if (userAgent.trim() === '' || /prefetch|prerender|preview/i.test(purpose)) return true;
  const { isbot } = await import('isbot');
  if (isbot(userAgent)) return true;
  if (channel !== 'mail') return false;
  const since = new Date(at.getTime() - window);
  return (await DeliveryModel.exists({ request, sentAt: { $gt: since } })) !== null;
}
