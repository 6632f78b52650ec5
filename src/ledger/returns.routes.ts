import { Router } from 'express';
import { listCampaigns, site } from '../campaigns/campaigns';
import { longDateTime } from '../locale';
import { listSponsors } from '../sponsors/sponsors';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import { FEEDBACK_NOTE_MAX } from './feedback';
import { REASONS } from './feedback.types';
import { openReturns } from './ledger';

const AT_ONCE = 100;

/** The returns that our evidence does not decide, for staff, the one that waits longest first. */
export function returnQueueRoutes(): Router {
  const router = Router();
  router.get('/staff/returns', requireStaff(), async (request, response) => {
    const [returns, campaigns, sponsors, { locale, timezone }] = await Promise.all([
      openReturns(AT_ONCE),
      listCampaigns(),
      listSponsors(),
      site(),
    ]);
    const titles = new Map(campaigns.map(({ slug, title }) => [slug, title]));
    const names = new Map(sponsors.map(({ slug, name }) => [slug, name]));
    const rows = returns.map((one) => {
      const [campaign = '', sponsor = ''] = one.contract.split('/');
      return { ...one, title: titles.get(campaign) ?? campaign, sponsor: names.get(sponsor) ?? sponsor };
    });
    await renderPage(request, response, 'ledger/return-queue', {
      title: 'Returns',
      rows,
      reasons: REASONS,
      noteMax: FEEDBACK_NOTE_MAX,
      may: accountOf(response).role !== 'analyst',
      done: request.query['done'],
      when: (at: Date) => longDateTime(at, locale, timezone),
    });
  });
  return router;
}
