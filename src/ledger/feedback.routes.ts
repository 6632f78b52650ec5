import { type Request, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import { GatefoldError } from '../errors';
import { readForm, refuseForeignForm } from '../web/csrf';
import { accountOf } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { readUpload } from '../web/upload';
import { FEEDBACK_NOTE_MAX } from './feedback';
import { DISPOSITIONS, REASONS } from './feedback.types';
import {
  allowance,
  askReturn,
  decideReturn,
  dispose,
  dispositionsOf,
  happeningsOf,
  readFeedback,
  returnsOf,
  type Taken,
} from './ledger';
import type { Side } from './side.types';
import { type View, viewOf } from './view';

const PAGE = 100;

/** What a sponsor says back: leads given back, and what became of the others. */
interface Kind {
  /** The last part of its address. */
  name: 'returns' | 'dispositions';
  title: string;
  /** The column of a file, and the field of the form, with the code. */
  code: 'reason' | 'disposition';
  codes: Record<string, string>;
  /** For the audit log. */
  action: string;
  take(view: View, said: { lead: string; code: string; note: string; by: string }): Promise<unknown>;
  list(view: View, page: { page: number; size: number }): Promise<object[]>;
}

const KINDS: Kind[] = [
  {
    ...{ name: 'returns', title: 'Returns', code: 'reason', codes: REASONS, action: 'gave back leads' },
    take: ({ contract, now }, { code, ...said }) => askReturn(contract, { ...said, reason: code }, now),
    list: ({ contract }, page) => returnsOf(contract, page),
  },
  {
    ...{ name: 'dispositions', title: 'Dispositions', code: 'disposition', codes: DISPOSITIONS },
    action: 'said what became of leads',
    take: ({ contract, now }, { code, ...said }) => dispose(contract, { ...said, disposition: code }, now),
    list: ({ contract }, page) => dispositionsOf(contract, page),
  },
];

/** Returns and dispositions on both sides of a contract, and the time line of a lead that they are about. */
export function feedbackPages(side: Side, services: Services): Router {
  const router = Router();
  const view = (request: Request, response: Response) => viewOf(side, services, request, response);
  router.get(`${side.path}/leads/:lead`, async (request, response) => {
    await showLead(await view(request, response), request, response);
  });
  for (const kind of KINDS) {
    const path = `${side.path}/${kind.name}`;
    router.get(path, async (request, response) => show(kind, await view(request, response), request, response, {}));
    if (side.staff) continue;
    router.post(path, readForm, async (request, response) =>
      takeOne(kind, await view(request, response), request, response, services),
    );
    router.post(`${path}/import`, readUpload('file'), refuseForeignForm, async (request, response) =>
      takeFile(kind, await view(request, response), request, response, services),
    );
  }
  if (side.staff) router.post(`${side.path}/returns/:lead`, readForm, decide(view, services));
  return router;
}

interface Answer {
  typed?: Record<string, string>;
  mistake?: string;
  taken?: Taken;
}

async function takeOne(kind: Kind, view: View, request: Request, response: Response, services: Services) {
  const field = (name: string): string => String(request.body[name] ?? '');
  const typed = { lead: field('lead').trim(), code: field(kind.code), note: field('note') };
  const by = accountOf(response).email;
  try {
    await kind.take(view, { ...typed, by });
  } catch (error) {
    if (!(error instanceof GatefoldError)) throw error;
    return show(kind, view, request, response, { typed, mistake: error.reader });
  }
  await audit({ actor: by, action: kind.action, subject: typed.lead, after: { [kind.code]: typed.code } });
  services.nudge();
  response.redirect(303, `${view.base}/leads/${encodeURIComponent(typed.lead)}`);
}

async function takeFile(kind: Kind, view: View, request: Request, response: Response, services: Services) {
  if (!request.file) return show(kind, view, request, response, { mistake: 'Choose a CSV file.' });
  const by = accountOf(response).email;
  try {
    const taken = await readFeedback(request.file.buffer, kind.code, (row) => kind.take(view, { ...row, by }));
    const subject = view.contract.id;
    await audit({ actor: by, action: `${kind.action} by a file`, subject, after: { leads: taken.done } });
    services.nudge();
    await show(kind, view, request, response, { taken });
  } catch (error) {
    if (!(error instanceof GatefoldError)) throw error;
    await show(kind, view, request, response, { mistake: error.reader });
  }
}

async function show(kind: Kind, view: View, request: Request, response: Response, answer: Answer): Promise<void> {
  const page = Math.min(Math.max(Math.trunc(Number(request.query['page'])) || 1, 1), 100_000);
  const [found, allowed] = await Promise.all([kind.list(view, { page, size: PAGE + 1 }), allowance(view.contract)]);
  const { name, code, codes } = kind;
  const lists = { rows: found.slice(0, PAGE), more: found.length > PAGE, page, allowed };
  const words = { name, code, codes, noteMax: FEEDBACK_NOTE_MAX, heading: kind.title, reasons: REASONS };
  const title = `${answer.mistake ? 'Error: ' : ''}${kind.title}: ${view.campaign.title}`;
  const locals = { typed: undefined, mistake: undefined, taken: undefined, ...answer };
  const status = answer.mistake ? 422 : 200;
  await renderPage(request, response, 'ledger/feedback', { title, ...view, ...words, ...lists, ...locals }, { status });
}

async function showLead(view: View, request: Request, response: Response): Promise<void> {
  const lead = String(request.params['lead']);
  const happenings = await happeningsOf(view.contract, lead);
  const words = { reasons: REASONS, dispositions: DISPOSITIONS, noteMax: FEEDBACK_NOTE_MAX };
  await renderPage(request, response, 'ledger/lead', { title: `Lead ${lead}`, ...view, ...words, lead, happenings });
}

const decide =
  (view: (request: Request, response: Response) => Promise<View>, services: Services) =>
  async (request: Request, response: Response): Promise<void> => {
    const { contract, now, may } = await view(request, response);
    if (!may) throw new GatefoldError('forbidden', 'not-for-you', 'Your account can look at returns and not decide.');
    const lead = String(request.params['lead']);
    const decision = request.body['decision'];
    if (decision !== 'accept' && decision !== 'reject') {
      throw new GatefoldError('invalid', 'decision-missing', 'Choose whether to accept or to reject the return.');
    }
    const accept = decision === 'accept';
    const { email } = accountOf(response);
    await decideReturn(contract, lead, { accept, by: email, evidence: String(request.body['words'] ?? '') }, now);
    await audit({ actor: email, action: `${accept ? 'accepted' : 'rejected'} the return of lead`, subject: lead });
    services.nudge();
    response.redirect(303, '/staff/returns?done=decided');
  };
