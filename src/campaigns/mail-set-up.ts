import type { Config } from '../config';
import type { MailSetUp } from '../mail/mail';
import { site as publisher } from './site';

export type MailSettings = Pick<Config, 'mailFrom' | 'smtpUrl' | 'dkim' | 'bounces' | 'publicUrl' | 'limits'>;

/** What the doctor looks at: the settings and the publisher's site together say how mail goes out. */
export async function setUpOf({
  mailFrom,
  smtpUrl,
  dkim,
  bounces,
  publicUrl,
  limits,
}: MailSettings): Promise<MailSetUp> {
  const site = await publisher();
  const sender = mailFrom ?? site.mailFrom;
  return {
    from: /<([^<>]+)>\s*$/.exec(sender)?.[1] ?? sender.trim(),
    contact: site.contactEmail,
    smtpUrl,
    dkim,
    returnDomain: bounces.domain,
    publicHost: new URL(publicUrl).hostname,
    dnsServers: limits.dnsServers,
  };
}
