import { pipeline } from 'node:stream/promises';
import { type Request, type Response, Router } from 'express';
import { shortDate } from '../locale';
import { personalise } from '../stamping/stamping';
import { requireStaff } from '../web/guards';
import type { Services } from '../web/services';
import { findCampaign, site as publisher, unknownCampaign } from './campaigns';
import { compileWhitepaper, masterOf } from './masters';

const SAMPLE = { name: 'Łukasz Żółć', email: 'lukasz.zolc@example.org', company: 'Example Homes' };
/** Of this shape, and nobody's: readers' references are random. */
const REF = '0000-0000-0000';

/**
 * What a reader of any name would get, by the code that serves readers; of a draft as well, so that staff see the stamp
 * before anybody else does.
 */
export function sampleRoutes({ config, now }: Services): Router {
  const router = Router();
  router.get('/staff/campaigns/:slug/sample.pdf', requireStaff(), async (request: Request, response: Response) => {
    const slug = String(request.params['slug']);
    const [campaign, { locale, timezone }] = await Promise.all([findCampaign(slug), publisher()]);
    if (!campaign) throw unknownCampaign(slug);
    const { master } = await compileWhitepaper(campaign);
    const copy = personalise(await masterOf(master, config.dataDir), {
      name: asked(request, 'name'),
      email: asked(request, 'email'),
      company: asked(request, 'company'),
      date: shortDate(now(), locale, timezone),
      ref: REF,
      seed: 'sample',
    });
    response.set({
      'Content-Type': 'application/pdf',
      'Content-Disposition': 'inline; filename="sample.pdf"',
      'Content-Length': String(copy.length),
      'Cache-Control': 'no-store',
    });
    await pipeline(copy.read(0, copy.length - 1), response);
  });
  return router;
}

/** As the form would take it: at most 200 characters; without one, an example with letters that fonts often lack. */
function asked({ query }: Request, key: keyof typeof SAMPLE): string {
  const value = query[key];
  return typeof value === 'string' && value.trim() !== '' ? [...value.trim()].slice(0, 200).join('') : SAMPLE[key];
}
