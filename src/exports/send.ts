import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { type Account, audit, findAccount, sessionStands } from '../accounts/accounts';
import { findContract } from '../sponsors/sponsors';
import { type AgainRequest, again } from './again';
import { type Export, type ExportRequest, run } from './run';

/** Answers with an export. Who only asks for its head takes no leads, so there is nothing to log. */
export async function sendExport(request: Request, response: Response, wanted: ExportRequest): Promise<void> {
  if (request.method === 'HEAD') {
    response.status(405).set('Allow', 'GET').end();
    return;
  }
  await send(response, wanted, await run({ ...wanted, stillMay: () => stillMay(response, wanted) }));
}

/** Answers with an export that was made before. */
export async function sendAgain(response: Response, wanted: AgainRequest): Promise<void> {
  await send(response, wanted, await again({ ...wanted, stillMay: () => stillMay(response, wanted) }));
}

async function send(
  response: Response,
  { actor, campaign: subject }: ExportRequest | AgainRequest,
  { fileName, contentType, stream }: Export,
): Promise<void> {
  await audit({ actor, action: 'took leads away', subject, kind: 'read', after: { fileName } });
  response.attachment(fileName).set('Content-Type', contentType);
  try {
    await pipeline(stream, response);
  } catch (error) {
    // The taker hung up, and the disclosure says so.
    if ((error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

/** Access that ends (a session ended, a person disabled, a contract that is no more) ends in the middle of a long download, too. */
async function stillMay(
  response: Response,
  { campaign, sponsor }: { campaign: string; sponsor?: string },
): Promise<boolean> {
  const { id } = response.locals['account'] as Account;
  const account = await findAccount(id);
  if (!account || account.disabledAt) return false;
  if (!(await sessionStands(response.req.session.signedIn, id, new Date()))) return false;
  return sponsor === undefined || (await findContract(campaign, sponsor)) !== null;
}
