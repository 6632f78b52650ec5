import { Router } from 'express';
import { requireSponsor, sponsorOf } from '../web/guards';
import type { Services } from '../web/services';
import { feedbackPages } from './feedback.routes';
import { ledgerPages } from './page.routes';
import type { Side } from './side.types';

const SIDE: Side = {
  staff: false,
  path: '/portal/campaigns/:slug/ledger',
  base: (slug) => `/portal/campaigns/${slug}/ledger`,
  sponsor: (_request, response) => sponsorOf(response),
  may: () => true,
  campaign: (slug) => `/portal/campaigns/${slug}`,
};

/** The ledger as its sponsor reads it. */
export function portalLedgerRoutes(services: Services): Router {
  const router = Router();
  router.use('/portal', requireSponsor);
  router.use(ledgerPages(SIDE, services), feedbackPages(SIDE, services));
  return router;
}
