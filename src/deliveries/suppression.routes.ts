import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import { site } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { longDateTime } from '../locale';
import { readForm, refuseForeignForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { readUpload } from '../web/upload';
import {
  exportSuppressions,
  type Imported,
  importSuppressions,
  PURPOSES,
  pageOfSuppressions,
  readEntry,
  suppress,
  unsuppress,
} from './deliveries';

const PAGE = 50;
const PATH = '/staff/suppressions';

interface Answer {
  mistake?: string;
  typed?: { who: string; purpose: string };
  imported?: Imported;
}

/** Who is sent nothing: looked up, added, taken off, and as a file. */
export function suppressionRoutes({ now }: Services): Router {
  const router = Router();
  router.use(PATH, requireStaff());
  const decide = requireStaff('admin', 'marketer');

  router.get(PATH, (request, response) => show(request, response, {}));

  router.get(`${PATH}.csv`, decide, async (_request, response) => {
    await audit({ actor: accountOf(response).email, kind: 'read', action: 'exported suppressions', subject: '*' });
    response.attachment('suppressions.csv').type('text/csv; charset=utf-8');
    await pipeline(exportSuppressions(), response);
  });

  router.post(PATH, decide, readForm, async (request, response) => {
    const typed = { who: String(request.body['who'] ?? ''), purpose: String(request.body['purpose'] ?? '') };
    const entry = entryOr(typed);
    if ('mistake' in entry) return show(request, response, { ...entry, typed });
    const by = accountOf(response).email;
    await suppress({ ...entry, why: 'staff', at: now(), by });
    await audit({ actor: by, action: 'suppressed', subject: entry.who, after: { purpose: entry.purpose } });
    response.redirect(303, PATH);
  });

  router.post(`${PATH}/remove`, decide, readForm, async (request, response) => {
    const [who, purpose] = [String(request.body['who'] ?? ''), String(request.body['purpose'] ?? '')];
    if (await unsuppress(who, purpose)) {
      await audit({
        actor: accountOf(response).email,
        action: 'took off the suppressions',
        subject: who,
        before: { purpose },
      });
    }
    response.redirect(303, PATH);
  });

  router.post(`${PATH}/import`, decide, readUpload('list'), refuseForeignForm, async (request, response) => {
    if (!request.file) return show(request, response, { mistake: 'Choose a CSV file to import' });
    const by = accountOf(response).email;
    const imported = await importSuppressions(Readable.from([request.file.buffer]), by, now());
    await audit({ actor: by, action: 'imported suppressions', subject: '*', after: { added: imported.added } });
    await show(request, response, { imported });
  });

  return router;
}

function entryOr(typed: { who: string; purpose: string }): ReturnType<typeof readEntry> | { mistake: string } {
  try {
    return readEntry(typed.who, typed.purpose);
  } catch (error) {
    if (!(error instanceof GatefoldError)) throw error;
    return { mistake: error.reader };
  }
}

async function show(request: Request, response: Response, answer: Answer): Promise<void> {
  const asked = typeof request.query['who'] === 'string' ? request.query['who'].trim() : '';
  const [time, ...id] = String(request.query['after'] ?? '').split(' ');
  const at = new Date(Number.parseInt(time ?? '', 36));
  const after = id.length > 0 && !Number.isNaN(at.getTime()) ? { at, id: id.join(' ') } : undefined;
  const [found, { locale, timezone }] = await Promise.all([
    pageOfSuppressions(asked === '' ? {} : { who: asked }, { limit: PAGE + 1, ...(after && { after }) }),
    site(),
  ]);
  const entries = found.slice(0, PAGE);
  if (entries.length > 0)
    await audit({ actor: accountOf(response).email, kind: 'read', action: 'listed suppressions' });
  const last = found.length > PAGE ? entries.at(-1) : undefined;
  const locals = {
    title: answer.mistake ? 'Error: Suppressions' : 'Suppressions',
    entries,
    asked,
    next: last && `${last.at.getTime().toString(36)} ${last.id}`,
    purposes: PURPOSES,
    mistake: '',
    typed: { who: '', purpose: '' },
    imported: undefined,
    mayChange: accountOf(response).role !== 'analyst',
    when: (date: Date) => longDateTime(date, locale, timezone),
    ...answer,
  };
  await renderPage(request, response, 'deliveries/suppressions', locals, { status: answer.mistake ? 422 : 200 });
}
