import { checkSender, senderTroubles } from '../../src/campaigns/sender-check';
import { site } from '../../src/campaigns/site';
import { readLimits } from '../../src/limits';
import { type DnsServer, startDns } from '../support/dns';
import { useStore } from '../support/store';

useStore();
jest.setTimeout(30_000);

let dns: DnsServer;
beforeAll(async () => {
  dns = await startDns();
});
afterAll(() => dns.close());

test('what DNS has against the sender is kept for the list of readiness, until the address is another', async () => {
  const { mailFrom } = await site();
  const domain = mailFrom.slice(mailFrom.indexOf('@') + 1);
  const settings = {
    mailFrom: undefined,
    smtpUrl: 'smtp://127.0.0.1:1',
    dkim: undefined,
    bounces: { domain: undefined, port: undefined, host: '127.0.0.1' },
    publicUrl: 'https://papers.example',
    limits: readLimits({ DNS_SERVERS: dns.address }),
  } as unknown as Parameters<typeof checkSender>[0];
  expect(await senderTroubles(mailFrom)).toBeNull();

  dns.zone = { [`${domain} TXT`]: ['v=spf1 -all'], [`${domain} MX`]: ['10 mx.example'] };
  await checkSender(settings, new Date());
  const troubles = await senderTroubles(mailFrom);
  expect(troubles?.join('\n')).toContain(`SPF of ${domain}`);
  expect(await senderTroubles(`other@${domain}`)).toBeNull();

  // Without a mail server nothing goes out, so nothing is in its way.
  await checkSender({ ...settings, smtpUrl: undefined }, new Date());
  expect(await senderTroubles(mailFrom)).toBeNull();
});
