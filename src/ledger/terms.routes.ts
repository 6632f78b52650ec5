import { type Request, type Response, Router } from 'express';
import { findCampaign, type Problem, plainly, readTerms, saveTerms, writeMoment } from '../campaigns/campaigns';
import { GatefoldError } from '../errors';
import { refuseForeignForm } from '../web/csrf';
import { accountOf } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { readUpload } from '../web/upload';
import { ruleWords } from './rule-words';
import type { Side } from './side.types';
import { choosables, entryOf, fieldOf, fieldsOfTerms, listRows, type TermsFields, termsFrom } from './terms.fields';
import { type View, viewOf } from './view';
import { TRIAL_DAYS, type Trial, wouldAccept } from './would-accept';

/** Twenty thousand domains, one a line. */
const LIST_BYTES = 1024 * 1024;

interface Answer {
  fields: TermsFields;
  /** What is wrong, by the field. */
  mistakes?: Map<string, string>;
  trial?: Trial;
  /** A rule of the terms that were tried, in words. */
  rule?: (rule: string) => string;
  /** Somebody else has saved the campaign since. */
  meanwhile?: boolean;
  revision?: number;
  status?: number;
}

/** Everything that a contract can say, on one page, with what it would have taken of the leads of late. */
export function termsRoutes(side: Side, services: Services): Router {
  const router = Router();
  const path = `${side.path}/terms`;
  router.get(path, async (request, response) => {
    const view = await viewOf(side, services, request, response);
    await show(view, request, response, { fields: storedFields(view) });
  });
  // As a form with files: a list of domains is longer than the other forms may be.
  router.post(path, readUpload('none', LIST_BYTES), refuseForeignForm, async (request: Request, response: Response) => {
    const view = await viewOf(side, services, request, response);
    if (!view.may)
      throw new GatefoldError('forbidden', 'not-for-you', 'Your account can look at terms and not change them.');
    const fields = typedFields(request.body);
    const work = fields['do'] === 'try' ? tryOut : save;
    await work(view, services, fields, request, response);
  });
  return router;
}

const storedFields = ({ contract, timezone }: View): TermsFields =>
  fieldsOfTerms(contract, (at) => writeMoment(at, timezone).slice(0, 'yyyy-mm-ddThh:mm:ss'.length).replace(/:00$/, ''));

/** Several boxes of one name are a list, written as one types it. */
function typedFields(body: object): TermsFields {
  const entries = Object.entries(body).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]);
  return Object.fromEntries(entries.filter(([, value]) => typeof value === 'string'));
}

async function tryOut(view: View, _: Services, fields: TermsFields, request: Request, response: Response) {
  const typed = termsFrom(fields, view.contract);
  const read = await readTerms(typed, view.campaign);
  if ('problems' in read) return refuse(view, fields, read.problems, request, response);
  const { id, campaign, sponsor } = view.contract;
  const tried = { ...read.terms, id, campaign, sponsor };
  const trial = await wouldAccept(tried, view.now);
  const rule = (one: string) => ruleWords(one, tried);
  await show(view, request, response, { fields, trial, rule, revision: Number(fields['revision']) || 0 });
}

async function save(
  view: View,
  { config, nudge }: Services,
  fields: TermsFields,
  request: Request,
  response: Response,
) {
  const { campaign, contract } = view;
  const typed = termsFrom(fields, contract);
  try {
    const saved = await saveTerms({
      ...{ campaign, sponsor: contract.sponsor, contract: typed, dataDir: config.dataDir },
      actor: accountOf(response).email,
      revision: Number(fields['revision']) || 0,
    });
    if ('problems' in saved) return await refuse(view, fields, saved.problems, request, response);
    nudge();
    response.redirect(303, view.base);
  } catch (error) {
    if (!(error instanceof GatefoldError) || error.code !== 'edited-meanwhile') throw error;
    const { revision = 0 } = (await findCampaign(campaign.slug)) ?? campaign;
    await show(view, request, response, { fields, revision, meanwhile: true, status: 409 });
  }
}

function refuse(view: View, fields: TermsFields, problems: Problem[], request: Request, response: Response) {
  const terms = termsFrom(fields, view.contract);
  const mistakes = new Map<string, string>();
  for (const { path, message } of problems) {
    const entry = entryOf(path, terms);
    const words = `${entry === undefined ? '' : `“${entry}” `}${plainly(message)}`;
    const field = path.length > 0 ? fieldOf(path, fields, terms) : '';
    if (!mistakes.has(field)) mistakes.set(field, words);
  }
  const revision = Number(fields['revision']) || 0;
  return show(view, request, response, { fields, mistakes, revision, status: 422 });
}

async function show(view: View, request: Request, response: Response, answer: Answer): Promise<void> {
  const { fields, mistakes = new Map(), trial, meanwhile = false, status = 200 } = answer;
  const { campaign, contract, sponsor } = view;
  const name = `Terms of ${sponsor.name}: ${campaign.title}`;
  const lists = listRows(fields).map(({ row }) => row);
  const locals = {
    title: status >= 400 ? `Error: ${name}` : name,
    ...{ fields, mistakes, trial, meanwhile, trialDays: TRIAL_DAYS },
    revision: answer.revision ?? campaign.revision ?? 0,
    rule: answer.rule ?? view.rule,
    choosables: choosables(campaign, contract),
    lists: [...lists, Math.max(-1, ...lists) + 1],
  };
  await renderPage(request, response, 'ledger/terms', { ...view, ...locals }, { status });
}
