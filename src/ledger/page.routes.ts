import { type Request, type Response, Router } from 'express';
import { readMoment, unknownCampaign } from '../campaigns/campaigns';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { forecastWords } from './forecast-words';
import { courseOf, type Decision, entriesOf, monthsOf, replacedCount, rulesOf, statementOf, summary } from './ledger';
import { DECISIONS, THEIRS } from './ledger.types';
import { periodOf } from './pace';
import { pacingChart } from './pacing-chart';
import type { Side } from './side.types';
import { type View, viewOf } from './view';

const PAGE = 100;
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/** What both sides of a contract read: how it goes, each decision, statements by month, and the closing report. */
export function ledgerPages(side: Side, services: Services): Router {
  const router = Router();
  const page =
    (show: (view: View, request: Request, response: Response) => Promise<void>) =>
    async (request: Request, response: Response) =>
      show(await viewOf(side, services, request, response), request, response);
  router.get(side.path, page(showLedger));
  router.get(`${side.path}/entries`, page(showEntries));
  router.get(`${side.path}/statements/:month`, page(showStatement));
  router.get(`${side.path}/closing`, page(showClosing));
  return router;
}

async function showLedger(view: View, request: Request, response: Response): Promise<void> {
  const { contract, now, timezone } = view;
  const [counts, replaced, rejected, course] = await Promise.all([
    summary(contract.campaign, contract.sponsor),
    replacedCount(contract.id),
    rulesOf(contract.id, 'rejected'),
    courseOf(contract, now, timezone),
  ]);
  const locals = {
    ...{ counts, replaced, rejected, course },
    months: monthsOf(course.begins, now, timezone),
    chart: pacingChart(contract, course, now),
    forecast: forecastWords(course.forecast, contract, view.day),
  };
  await renderPage(request, response, 'ledger/ledger', { title: `Ledger: ${view.campaign.title}`, ...view, ...locals });
}

async function showEntries(view: View, request: Request, response: Response): Promise<void> {
  const decision = DECISIONS.find((one) => one === request.query['decision']);
  const page = Math.min(Math.max(Math.trunc(Number(request.query['page'])) || 1, 1), 100_000);
  const found = await entriesOf(view.contract.id, { ...(decision && { decision }), page, size: PAGE + 1 });
  const locals = {
    ...{ decision, page },
    decisions: DECISIONS,
    entries: found.slice(0, PAGE),
    more: found.length > PAGE,
    // Whose lead it never was, they are not even told the reference of.
    named: (one: Decision) => view.staff || THEIRS.includes(one) || one === 'returned',
  };
  await renderPage(request, response, 'ledger/entries', {
    title: `Decisions: ${view.campaign.title}`,
    ...view,
    ...locals,
  });
}

async function showStatement(view: View, request: Request, response: Response): Promise<void> {
  const { contract, campaign, timezone } = view;
  const month = String(request.params['month']);
  const from = MONTH.test(month) ? readMoment(`${month}-01`, timezone) : null;
  if (!from) throw unknownCampaign(campaign.slug);
  const statement = await statementOf(contract, from, periodOf('month', from, timezone).ends);
  const title = `Statement ${view.month(month)}: ${campaign.title}`;
  await renderPage(request, response, 'ledger/statement', { title, ...view, key: month, statement });
}

async function showClosing(view: View, request: Request, response: Response): Promise<void> {
  const { contract, campaign, now, timezone } = view;
  const [counts, replaced, rejected, returned, course] = await Promise.all([
    summary(contract.campaign, contract.sponsor),
    replacedCount(contract.id),
    rulesOf(contract.id, 'rejected'),
    rulesOf(contract.id, 'returned'),
    courseOf(contract, now, timezone),
  ]);
  const whole = await statementOf(contract, course.begins, now);
  const months = monthsOf(course.begins, now, timezone).reverse();
  const ended = campaign.status === 'closed' || (contract.to !== undefined && contract.to <= now);
  const locals = {
    ...{ counts, replaced, rejected, returned, whole, ended },
    months: months.map((key) => ({ key, ...movedIn(whole, key, timezone) })),
    forecast: forecastWords(course.forecast, contract, view.day),
  };
  await renderPage(request, response, 'ledger/closing', {
    title: `Closing report: ${campaign.title}`,
    ...view,
    ...locals,
  });
}

function movedIn({ charged, credited }: Awaited<ReturnType<typeof statementOf>>, key: string, timeZone: string) {
  const within = ({ at }: { at: Date }) => periodOf('month', at, timeZone).key === key;
  return { charged: charged.filter(within).length, credited: credited.filter(within).length };
}
