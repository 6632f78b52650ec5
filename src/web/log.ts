import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { pinoHttp } from 'pino-http';
import type { Services } from './services';

/** One line a request. Tokens in addresses are keys, and a query may hold personal data: neither is logged. */
export function requestLog({ log }: Services): RequestHandler {
  return pinoHttp({
    logger: log,
    genReqId: () => randomUUID(),
    customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'error' : 'info'),
    autoLogging: { ignore: (request) => /^\/(assets|healthz|readyz)/.test(request.url ?? '') },
    serializers: {
      req: ({ id, method, url }: { id: string; method: string; url: string }) => ({ id, method, path: pathOf(url) }),
      res: ({ statusCode }: { statusCode: number }) => ({ status: statusCode }),
    },
  });
}

/** `/d/<token>` without its token, and no query. */
function pathOf(url: string): string {
  return url.replace(/\?.*$/s, '').replace(/^\/(d|v|me|u|setup)\/.+/, '/$1/…');
}
