import { type Request, type Response, Router } from 'express';
import { GatefoldError } from '../errors';
import { contractsOfCampaign, findSponsor } from '../sponsors/sponsors';
import { inspect } from '../stamping/stamping';
import { keepFile, readFile } from '../store/files';
import { refuseForeignForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import type { Services } from '../web/services';
import { readUpload } from '../web/upload';
import {
  type Campaign,
  findCampaign,
  type Problem,
  site as publisher,
  saveCampaign,
  unknownCampaign,
} from './campaigns';
import { emptyFields, fieldsFrom } from './editor.fields';
import { definitionFrom } from './editor.form';
import { type Mistake, mistakeOf } from './editor.mistakes';
import { controllersOf, differences, editorAids } from './editor.page';
import { type EditorFields, rowsOf } from './editor.rows';
import { granted } from './editor.wishes';

const TYPES = {
  select: 'one of a list',
  radio: 'one of a few, all in sight',
  checkbox: 'several of a few',
  text: 'a line of text',
  number: 'a number',
  email: 'an e-mail address',
  phone: 'a telephone number',
  country: 'a country',
};

/** Making a campaign from a PDF, and changing one: one form, whole without JavaScript, nothing typed is lost. */
export function editorRoutes(services: Services): Router {
  const router = Router();
  const mayEdit = requireStaff('admin', 'marketer');
  const reading = [mayEdit, readUpload('whitepaper'), refuseForeignForm];

  router.get('/staff/campaigns/new', mayEdit, async (request, response) => {
    await showEditor(request, response, { fields: emptyFields(await publisher()) });
  });
  router.post('/staff/campaigns/new', reading, (request: Request, response: Response) =>
    answer(services, request, response),
  );
  router.get('/staff/campaigns/:slug/edit', mayEdit, async (request, response) => {
    const campaign = await known(String(request.params['slug']));
    await showEditor(request, response, { campaign, fields: await storedFields(campaign) });
  });
  router.post('/staff/campaigns/:slug/edit', reading, async (request: Request, response: Response) =>
    answer(services, request, response, await known(String(request.params['slug']))),
  );
  return router;
}

async function known(slug: string): Promise<Campaign> {
  const campaign = await findCampaign(slug);
  if (!campaign) throw unknownCampaign(slug);
  return campaign;
}

async function storedFields(campaign: Campaign): Promise<EditorFields> {
  const [contracts, sponsors, site] = await Promise.all([
    contractsOfCampaign(campaign.slug),
    Promise.all(campaign.sponsors.map(findSponsor)),
    publisher(),
  ]);
  const named = sponsors.filter((one) => one !== null);
  return fieldsFrom(campaign, contracts, named, site);
}

/** A button that changes the page answers with the page; the others save. A PDF that came along is kept either way. */
async function answer(services: Services, request: Request, response: Response, campaign?: Campaign): Promise<void> {
  const typed = typedFields(request.body);
  const refused = request.file ? await refusalOf(request.file.buffer) : [];
  const kept = request.file && refused.length === 0 ? await keepFile(request.file.buffer) : undefined;
  const fields: EditorFields = { ...typed, ...(kept && { upload: kept }) };
  if (refused.length > 0) return showProblems(request, response, { campaign, fields }, refused);
  const wish = fields['do'];
  if (wish) {
    return showEditor(request, response, { campaign, fields: await granted(fields, wish, await publisher()) });
  }
  await save(services, request, response, fields, campaign);
}

async function save(
  { config }: Services,
  request: Request,
  response: Response,
  fields: EditorFields,
  campaign?: Campaign,
): Promise<void> {
  const [contracts, { timezone }] = await Promise.all([
    campaign ? contractsOfCampaign(campaign.slug) : [],
    publisher(),
  ]);
  const upload = fields['upload'];
  const isNewFile = upload && upload !== campaign?.upload?.file;
  try {
    const saved = await saveCampaign({
      definition: definitionFrom(fields, campaign, contracts, timezone),
      ...(isNewFile && { pdf: await readFile(upload) }),
      actor: accountOf(response).email,
      dataDir: config.dataDir,
      isNew: campaign === undefined,
      ...(campaign && { revision: Number(fields['revision']) || 0 }),
    });
    if ('problems' in saved) return showProblems(request, response, { campaign, fields }, saved.problems);
    response.redirect(303, `/staff/campaigns/${saved.campaign.slug}`);
  } catch (error) {
    if (!(error instanceof GatefoldError) || error.code !== 'edited-meanwhile' || !campaign) throw error;
    await showConflict(request, response, campaign, fields);
  }
}

/** Both versions are shown and nothing is lost; who saves again knows what they replace. */
async function showConflict(
  request: Request,
  response: Response,
  campaign: Campaign,
  fields: EditorFields,
): Promise<void> {
  const now = await known(campaign.slug);
  const theirs = await storedFields(now);
  const meanwhile = differences(fields, theirs);
  await showEditor(request, response, {
    campaign: now,
    fields: { ...fields, revision: theirs['revision'] ?? '0' },
    meanwhile,
    status: 409,
  });
}

/** A PDF that can't be stamped is said at once, and not when somebody publishes. */
async function refusalOf(pdf: Buffer): Promise<Problem[]> {
  const { verdict, reason, advice } = await inspect(pdf);
  if (verdict !== 'refused') return [];
  return [{ path: ['whitepaper'], message: [reason, advice].filter(Boolean).join(' ') }];
}

/** Several boxes of one name are a list, written as one types it. */
function typedFields(body: unknown): EditorFields {
  const entries = Object.entries(body as Record<string, unknown>).flatMap(([name, value]): [string, string][] => {
    if (Array.isArray(value)) return [[name, value.filter((one) => typeof one === 'string').join(', ')]];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return Object.fromEntries(entries.filter(([name, value]) => name !== 'upload' || /^([0-9a-f]{64})?$/.test(value)));
}

interface EditorView {
  campaign?: Campaign | undefined;
  fields: EditorFields;
  mistakes?: Mistake[];
  meanwhile?: ReturnType<typeof differences>;
  status?: number;
}

async function showProblems(
  request: Request,
  response: Response,
  view: EditorView,
  problems: Problem[],
): Promise<void> {
  const mistakes = problems.map((problem) => mistakeOf(problem, view.fields));
  await showEditor(request, response, { ...view, mistakes, status: 422 });
}

async function showEditor(request: Request, response: Response, view: EditorView): Promise<void> {
  const { campaign, fields, mistakes = [], meanwhile = [], status = 200 } = view;
  const site = await publisher();
  const name = campaign ? `Edit “${campaign.title}”` : 'New campaign';
  const aids = await editorAids(fields, definitionFrom(fields, campaign, [], site.timezone), site);
  const locals = {
    title: mistakes.length > 0 ? `Error: ${name}` : name,
    name,
    campaign,
    fields,
    mistakes,
    meanwhile,
    types: Object.entries(TYPES),
    controllers: controllersOf(fields),
    rows: rowsOf,
    ...aids,
  };
  await renderPage(request, response, 'campaigns/edit', locals, { status });
}
