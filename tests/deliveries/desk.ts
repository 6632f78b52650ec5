import * as campaigns from '../../src/campaigns/campaigns';
import { type DeliverDeps, deliver, listDeliveries } from '../../src/deliveries/deliveries';
import { capture, type LeadRequest } from '../../src/leads/leads';
import { createMailer } from '../../src/mail/mail';
import { importCampaign, SLUG, startAfresh, testServices } from '../landing/app';
import { type SmtpSink, startSmtp } from '../support/smtp';
import { useStore } from '../support/store';

/** A campaign with a real PDF of two pages, a mail server of the test's, and a clock that the test moves. */
export function useDesk(change?: (yaml: string) => string) {
  useStore();
  const services = testServices();
  const held: { sink?: SmtpSink; mailer?: DeliverDeps['mailer'] } = {};
  beforeAll(() => importCampaign(services.config.dataDir, change));
  beforeEach(async () => {
    await startAfresh(services);
    held.sink = await startSmtp();
    held.mailer = createMailer({
      ...services.config,
      smtpUrl: held.sink.url,
      from: 'Doors Weekly <papers@doors.example>',
    });
  });
  afterEach(async () => {
    await held.mailer?.close();
    await held.sink?.close();
  });

  const sink = (): SmtpSink => {
    if (!held.sink) throw new Error('the mail server runs from beforeEach on');
    return held.sink;
  };
  const deps = (): DeliverDeps => ({ ...services, ...(held.mailer && { mailer: held.mailer }) });
  /** Does the job of a request once, as a worker would. */
  const work = (ref: string, attempts = 0, payload: object = {}) =>
    deliver({ payload: { request: ref, ...payload }, attempts }, deps());
  return { services, sink, deps, work };
}

type Answers = Partial<LeadRequest['answers']>;

/** A filled-in form, captured. */
export async function ask(
  services: DeliverDeps,
  answers: Answers = {},
  more: Partial<LeadRequest> = {},
): Promise<LeadRequest> {
  const campaign = await campaigns.findCampaign(SLUG);
  if (!campaign) throw new Error('no campaign');
  const { master, fileName } = campaigns.publishedWhitepaper(campaign);
  const { ref: _, lead: __, ...fields } = { ref: '', lead: '', ...more };
  return capture({
    campaign: SLUG,
    formVersion: 1,
    whitepaper: { master, fileName },
    answers: {
      email: 'ada@acme.example',
      firstName: 'Ada',
      lastName: 'Harrow',
      company: 'ACME Homes',
      q: {},
      ...answers,
    },
    consents: [],
    attribution: {},
    addressClass: 'business',
    suspicions: [],
    client: { ip: '', userAgent: '' },
    at: services.now(),
    ...fields,
  });
}

/** The only delivery of a lead. */
export async function deliveryOf({ lead }: LeadRequest) {
  const [delivery, ...more] = await listDeliveries(lead);
  if (!delivery || more.length > 0) throw new Error(`${more.length + Number(Boolean(delivery))} deliveries`);
  return delivery;
}
