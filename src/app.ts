import { join } from 'node:path';
import compression from 'compression';
import express, { type Express } from 'express';
import { apiKeyRoutes } from './accounts/api-keys.routes';
import { portalPeopleRoutes } from './accounts/portal.routes';
import { accountRoutes } from './accounts/routes';
import { staffAccountRoutes } from './accounts/staff.routes';
import { campaignOperations } from './campaigns/api.routes';
import { siteRoutes } from './campaigns/routes';
import { staffCampaignRoutes } from './campaigns/staff.routes';
import { deliveryRoutes } from './deliveries/routes';
import { staffDeliveryRoutes } from './deliveries/staff.routes';
import { destinationOperations } from './destinations/api.routes';
import { portalDestinationRoutes } from './destinations/portal.routes';
import { portalRoutes } from './exports/portal.routes';
import { staffExportRoutes } from './exports/staff.routes';
import { landingRoutes } from './landing/routes';
import { staffPreviewRoutes } from './landing/staff.routes';
import { leadOperations } from './leads/api.routes';
import { staffLeadRoutes } from './leads/staff.routes';
import { ledgerOperations } from './ledger/api.routes';
import { feedbackOperations } from './ledger/feedback-api.routes';
import { portalLedgerRoutes } from './ledger/portal.routes';
import { staffLedgerRoutes } from './ledger/staff.routes';
import { portalLogoRoutes, staffLogoRoutes } from './sponsors/logo.routes';
import { asHouse } from './store/scope';
import { apiRoutes } from './web/api';
import { serveAssets } from './web/assets';
import { csrfToken } from './web/csrf';
import { errorPages, notFound } from './web/errors';
import { healthRoutes } from './web/health.routes';
import { requestLog } from './web/log';
import { PageCache } from './web/page-cache';
import { secure } from './web/secure';
import type { Services } from './web/services';
import { sessions } from './web/session';
import { staffDashboardRoutes } from './web/staff.routes';

/** The story of a request, top to bottom. */
export function createApp(services: Services): Express {
  const app = express();
  app.set('views', join(__dirname, '../views'));
  app.set('view engine', 'ejs');
  app.set('view cache', true);
  app.set('trust proxy', services.config.trustProxy);
  app.set('query parser', 'simple');
  app.disable('x-powered-by');

  app.use(healthRoutes());
  app.use(requestLog(services));
  app.use(secure(services.config));
  app.use(houseOutsidePortalAndApi);
  app.use('/assets', serveAssets);

  // The street: no cookie, no session. Nothing on these pages is secret, so they may be compressed (cf. BREACH).
  const pages = new PageCache(services.now);
  app.get(['/', '/topics/:topic', '/articles/:slug', '/w/:slug', '/privacy'], pages.keep);
  app.get(/.*/, compression());
  app.use(siteRoutes());
  app.use(landingRoutes(services));

  // Where programs come in: no cookie, a key or a signature.
  app.use(deliveryRoutes(services));
  app.use(
    apiRoutes(services, [
      ...campaignOperations,
      ...leadOperations,
      ...ledgerOperations,
      ...feedbackOperations,
      ...destinationOperations,
    ]),
  );

  // Where people sign in.
  app.use(
    ['/sign-in', '/sign-out', '/setup', '/forgotten', '/account', '/staff', '/portal'],
    sessions(services),
    csrfToken,
  );
  app.use(accountRoutes(services));
  app.use('/staff', pages.forget, layout('web/staff-layout'));
  app.use('/portal', layout('web/portal-layout'));
  app.use(staffDashboardRoutes(services));
  app.use(staffCampaignRoutes(services));
  app.use(staffPreviewRoutes(services));
  app.use(staffLeadRoutes(services));
  app.use(staffDeliveryRoutes(services));
  app.use(staffExportRoutes(services));
  app.use(staffLedgerRoutes(services));
  app.use(staffAccountRoutes(services));
  app.use(apiKeyRoutes(services));
  app.use(staffLogoRoutes());
  app.use(portalLogoRoutes());
  app.use(portalRoutes(services));
  app.use(portalLedgerRoutes(services));
  app.use(portalDestinationRoutes(services));
  app.use(portalPeopleRoutes(services));

  app.use(notFound);
  app.use(errorPages(services));
  return app;
}

/** Portal and API begin in nobody's scope: their guards say for whom the store is asked, or it answers nothing. */
const houseOutsidePortalAndApi: express.RequestHandler = (request, _response, next) => {
  if (/^\/(portal|api)(\/|$)/i.test(request.path)) return next();
  asHouse(next);
};

/** Which frame the pages of a part of the house stand in. */
function layout(view: string): express.RequestHandler {
  return (_request, response, next) => {
    response.locals['layout'] = view;
    next();
  };
}
