import { type Request, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import { site } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { longDateTime } from '../locale';
import { isAccountMessage, listOutbox, type OutboxMessage, readOutboxMessage, readRawMessage } from '../mail/mail';
import { readForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import { framedMail } from '../web/secure';
import type { Services } from '../web/services';
import { DELIVERY_STATES, deliveriesSummary, pageOfDeliveries, resend, tryNow } from './deliveries';
import { staffDeliveryPage } from './delivery.routes';
import { doctorRoutes } from './doctor.routes';
import { suppressionRoutes } from './suppression.routes';
import { traceRoutes } from './trace.routes';

const PAGE = 50;

/** Deliveries with what became of them, and the outbox with each message as its reader sees it. */
export function staffDeliveryRoutes(services: Services): Router {
  const router = Router();
  router.use(['/staff/deliveries', '/staff/outbox'], requireStaff());

  router.get('/staff/deliveries', showDeliveries);

  router.post(
    '/staff/deliveries/:ref/resend',
    requireStaff('admin', 'marketer'),
    readForm,
    async (request, response) => {
      const ref = String(request.params['ref']);
      await resend(ref, accountOf(response).email, services.config.limits);
      services.nudge();
      await audit({ actor: accountOf(response).email, action: 'sent the copy again', subject: ref });
      response.redirect(303, '/staff/deliveries');
    },
  );

  router.post(
    '/staff/deliveries/:id/try-now',
    requireStaff('admin', 'marketer'),
    readForm,
    async (request, response) => {
      const { request: ref } = await tryNow(String(request.params['id']));
      services.nudge();
      await audit({ actor: accountOf(response).email, action: 'had a delivery tried at once', subject: ref });
      response.redirect(303, '/staff/deliveries');
    },
  );

  router.use(staffDeliveryPage(services));
  router.use(outboxRoutes(services));
  router.use(suppressionRoutes(services));
  router.use(doctorRoutes(services));
  router.use(traceRoutes());
  return router;
}

function outboxRoutes({ config }: Services): Router {
  const router = Router();
  // An invitation or a new password's link makes whoever opens it that person.
  const mayRead = (response: Response, name: string) => accountOf(response).role === 'admin' || !isAccountMessage(name);
  router.param('name', (_request, response, next, name) =>
    next(mayRead(response, name) ? undefined : unknownMessage()),
  );

  router.get('/staff/outbox', async (request, response) => {
    const all = await listOutbox(config.dataDir);
    const locals = {
      messages: all.filter(({ name }) => mayRead(response, name)),
      smtp: config.smtpUrl !== undefined,
      when: await dates(),
    };
    const names = locals.messages.map(({ name }) => name);
    if (names.length > 0) await noteRead(response, 'listed the outbox', names);
    await renderPage(request, response, 'mail/outbox', { title: 'Outbox', ...locals });
  });

  router.get('/staff/outbox/:name', async (request, response) => {
    const message = await findMessage(config.dataDir, request.params.name);
    await noteRead(response, 'opened message', [message.name]);
    await renderPage(request, response, 'mail/message', { title: message.subject, message, when: await dates() });
  });

  router.get('/staff/outbox/:name/html', async (request, response) => {
    const message = await findMessage(config.dataDir, request.params.name);
    response.set({ 'Content-Security-Policy': framedMail, 'X-Frame-Options': 'SAMEORIGIN' });
    response.type('html').send(`<base target="_blank">${message.html}`);
  });

  router.get('/staff/outbox/:name/raw', async (request, response) => {
    const raw = await readRawMessage(config.dataDir, request.params.name);
    if (!raw) throw unknownMessage();
    await noteRead(response, 'took message', [request.params.name]);
    response.attachment(request.params.name).type('message/rfc822').send(raw);
  });

  router.get('/staff/outbox/:name/attachments/:n', async (request, response) => {
    const message = await findMessage(config.dataDir, request.params.name);
    const attachment = message.attachments[Number(request.params.n)];
    if (!attachment) throw unknownMessage();
    await noteRead(response, 'took attachment of message', [message.name]);
    response.attachment(attachment.fileName).type(attachment.contentType).send(attachment.content);
  });

  return router;
}

async function showDeliveries(request: Request, response: Response): Promise<void> {
  const state = DELIVERY_STATES.find((one) => one === request.query['state']);
  const [time, id] = String(request.query['after'] ?? '').split('.');
  const createdAt = new Date(Number.parseInt(time ?? '', 36));
  const after = id && !Number.isNaN(createdAt.getTime()) ? { createdAt, id } : undefined;
  const [found, summary, when] = await Promise.all([
    pageOfDeliveries({ ...(state && { state }) }, { limit: PAGE + 1, ...(after && { after }) }),
    deliveriesSummary(),
    dates(),
  ]);
  const deliveries = found.slice(0, PAGE);
  const last = found.length > PAGE ? deliveries.at(-1) : undefined;
  const next = last && `${last.createdAt.getTime().toString(36)}.${last.id}`;
  const subjects = [...new Set(deliveries.map(({ lead }) => lead))];
  if (subjects.length > 0) await noteRead(response, 'listed deliveries', subjects);
  const locals = { title: 'Deliveries', deliveries, summary, states: DELIVERY_STATES, state, next, when };
  await renderPage(request, response, 'deliveries/list', locals);
}

/** Looks at personal data are in the audit log, too. */
function noteRead(response: Response, action: string, subjects: string[]): Promise<void> {
  return audit({ actor: accountOf(response).email, kind: 'read', action, subjects });
}

async function findMessage(dataDir: string, name: string): Promise<OutboxMessage> {
  const message = await readOutboxMessage(dataDir, name);
  if (!message) throw unknownMessage();
  return message;
}

function unknownMessage(): GatefoldError {
  return new GatefoldError('not-found', 'unknown-message', {
    log: 'no such message in the outbox',
    reader: 'There is no such message in the outbox.',
    wayOut: 'Look for it in the list.',
  });
}

async function dates(): Promise<(at: Date) => string> {
  const { locale, timezone } = await site();
  return (at) => longDateTime(at, locale, timezone);
}
