import { type Request, type Response, Router } from 'express';
import { contractsOfCampaign, findSponsor } from '../sponsors/sponsors';
import { inspect } from '../stamping/stamping';
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
import { definitionFrom, type EditorFields, emptyFields, fieldOf, fieldsFrom } from './editor.form';
import { STANDARD_FIELDS } from './form.words';

const TYPES = ['text', 'select', 'radio', 'checkbox', 'number', 'email', 'phone', 'country'];

/** Making a campaign from a PDF, and changing one: one form, whole without JavaScript, nothing typed is lost. */
export function editorRoutes(services: Services): Router {
  const router = Router();
  const mayEdit = requireStaff('admin', 'marketer');

  router.get('/staff/campaigns/new', mayEdit, async (request, response) => {
    await showEditor(request, response, { fields: emptyFields(await publisher()) });
  });

  router.post(
    '/staff/campaigns/new',
    mayEdit,
    readUpload('whitepaper'),
    refuseForeignForm,
    async (request, response) => {
      await save(services, request, response);
    },
  );

  router.get('/staff/campaigns/:slug/edit', mayEdit, async (request, response) => {
    const campaign = await known(String(request.params['slug']));
    await showEditor(request, response, { campaign, fields: await storedFields(campaign) });
  });

  router.post(
    '/staff/campaigns/:slug/edit',
    mayEdit,
    readUpload('whitepaper'),
    refuseForeignForm,
    async (request, response) => {
      await save(services, request, response, await known(String(request.params['slug'])));
    },
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
  return fieldsFrom(
    campaign,
    contracts,
    sponsors.filter((one) => one !== null),
    site,
  );
}

async function save({ config }: Services, request: Request, response: Response, campaign?: Campaign): Promise<void> {
  const fields = typedFields(request.body);
  const contracts = campaign ? await contractsOfCampaign(campaign.slug) : [];
  const pdf = request.file?.buffer;
  const definition = definitionFrom(fields, campaign, contracts);
  const show = (problems: Problem[]) => {
    const mistakes = problems.map(({ path, message }) => ({ field: fieldOf(path, definition, fields), message }));
    return showEditor(request, response, { campaign, fields, mistakes });
  };
  const refused = pdf ? await refusalOf(pdf) : [];
  if (refused.length > 0) return show(refused);
  const saved = await saveCampaign({
    definition,
    ...(pdf && { pdf }),
    actor: accountOf(response).email,
    dataDir: config.dataDir,
    isNew: campaign === undefined,
  });
  if ('problems' in saved) return show(saved.problems);
  response.redirect(303, `/staff/campaigns/${saved.campaign.slug}`);
}

/** A PDF that can't be stamped is said at once, and not when somebody publishes. */
async function refusalOf(pdf: Buffer): Promise<Problem[]> {
  const { verdict, reason, advice } = await inspect(pdf);
  if (verdict !== 'refused') return [];
  return [{ path: ['whitepaper'], message: [reason, advice].filter(Boolean).join(' ') }];
}

function typedFields(body: unknown): EditorFields {
  const entries = Object.entries(body as Record<string, unknown>);
  return Object.fromEntries(entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
}

interface EditorView {
  campaign?: Campaign | undefined;
  fields: EditorFields;
  mistakes?: { field: string; message: string }[];
}

async function showEditor(request: Request, response: Response, view: EditorView): Promise<void> {
  const { campaign, fields, mistakes = [] } = view;
  const name = campaign ? `Edit “${campaign.title}”` : 'New campaign';
  const locals = { title: mistakes.length > 0 ? `Error: ${name}` : name, name, campaign, fields, mistakes };
  const words = { standard: Object.entries(STANDARD_FIELDS), types: TYPES };
  await renderPage(
    request,
    response,
    'campaigns/edit',
    { ...locals, ...words },
    { status: mistakes.length > 0 ? 422 : 200 },
  );
}
