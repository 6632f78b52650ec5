import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { readMoment, site } from '../campaigns/campaigns';
import { CONTENT_TYPES, writeTable } from '../exports/exports';
import { longDateTime } from '../locale';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import {
  type AuditCursor,
  type AuditEntry,
  type AuditFilter,
  type AuditKind,
  audit,
  auditPage,
  eachAuditEntry,
} from './accounts';

const KINDS: AuditKind[] = ['change', 'read', 'access'];
const PAGE = 50;
const DAY_MS = 86_400_000;

/** The audit log: searched, filtered, and taken away as a file. Administrators only. */
export function auditRoutes(): Router {
  const router = Router();
  router.use('/staff/audit', requireStaff('admin'));
  router.get('/staff/audit', showLog);
  router.get('/staff/audit/log.:format', sendLog);
  return router;
}

/** The filter as it was typed. */
type Typed = Record<'q' | 'actor' | 'action' | 'subject' | 'kind' | 'from' | 'to', string>;

function typedFilter({ query }: Request): Typed {
  const text = (key: keyof Typed): string => (typeof query[key] === 'string' ? query[key].trim().slice(0, 320) : '');
  const [q, actor, action, subject] = [text('q'), text('actor'), text('action'), text('subject')];
  return { q, actor, action, subject, kind: text('kind'), from: text('from'), to: text('to') };
}

/** Days are whole days of the publisher's time zone; one that can't be read narrows nothing down, and the page says so. */
function filterOf(typed: Typed, timezone: string): AuditFilter {
  const kind = KINDS.find((one) => one === typed.kind);
  const from = readMoment(typed.from, timezone);
  const to = readMoment(typed.to, timezone);
  return {
    ...(typed.q && { words: typed.q }),
    ...(typed.actor && { actor: typed.actor }),
    ...(typed.action && { action: typed.action }),
    ...(typed.subject && { subject: typed.subject }),
    ...(kind && { kind }),
    ...(from && { from }),
    ...(to && { to: readMoment(nextDay(typed.to), timezone) ?? to }),
  };
}

const nextDay = (day: string): string => new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);

/** The days that were typed and are none. */
function mistakes(typed: Typed, timezone: string): string[] {
  const unread = (['from', 'to'] as const).filter((key) => typed[key] && !readMoment(typed[key], timezone));
  return unread.map((key) => `“${typed[key]}” is not a day. Write it like 2026-11-25.`);
}

async function showLog(request: Request, response: Response): Promise<void> {
  const { locale, timezone } = await site();
  const typed = typedFilter(request);
  const after = cursorOf(request.query['after']);
  const found = await auditPage(filterOf(typed, timezone), { after, limit: PAGE + 1 });
  const entries = found.slice(0, PAGE);
  const last = found.length > PAGE ? entries.at(-1) : undefined;
  const asked = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== ''));
  await renderPage(request, response, 'accounts/audit', {
    title: 'Audit log',
    entries,
    typed,
    asked,
    mistakes: mistakes(typed, timezone),
    kinds: KINDS,
    first: after === undefined,
    next: last && new URLSearchParams({ ...asked, after: `${last.at.getTime().toString(36)}.${last.n}` }).toString(),
    when: (at: Date) => longDateTime(at, locale, timezone),
  });
}

function cursorOf(text: unknown): AuditCursor | undefined {
  const [time = '', n = ''] = typeof text === 'string' ? text.split('.') : [];
  const at = new Date(Number.parseInt(time, 36));
  return /^\d{1,15}$/.test(n) && !Number.isNaN(at.getTime()) ? { at, n: Number(n) } : undefined;
}

/** The same filter as a file. Taking the log away is in the log. */
async function sendLog(request: Request, response: Response): Promise<void> {
  const format = request.params['format'];
  if (format !== 'csv' && format !== 'ndjson') return void response.status(404).end();
  if (request.method === 'HEAD') return void response.status(405).set('Allow', 'GET').end();
  const { timezone } = await site();
  const filter = filterOf(typedFilter(request), timezone);
  await audit({ actor: accountOf(response).email, action: 'took the audit log', kind: 'read', after: { format } });
  const stream = format === 'csv' ? writeTable(tableOf(filter), 'csv') : Readable.from(linesOf(filter));
  response.attachment(`audit-log.${format}`).set('Content-Type', CONTENT_TYPES[format]);
  try {
    await pipeline(stream, response);
  } catch (error) {
    // The taker hung up.
    if ((error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/** Everything in an entry, so that the hashes can be checked from the file. */
async function* linesOf(filter: AuditFilter): AsyncGenerator<string> {
  for await (const entry of eachAuditEntry(filter)) yield `${JSON.stringify(entry)}\n`;
}

function tableOf(filter: AuditFilter) {
  const names = ['n', 'at', 'actor', 'ip', 'kind', 'action', 'subject', 'subjects', 'before', 'after', 'hash'];
  async function* rows() {
    for await (const entry of eachAuditEntry(filter)) yield cellsOf(entry);
  }
  return { names, rows: rows() };
}

function cellsOf({ n, at, actor, ip = '', kind, action, subject, subjects = [], before, after, hash }: AuditEntry) {
  const json = (values: object | undefined): string => (values ? JSON.stringify(values) : '');
  return [n, at.toISOString(), actor, ip, kind, action, subject, subjects.join('; '), json(before), json(after), hash];
}
