import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { audit } from '../accounts/accounts';
import { type ExportRequest, run } from './run';

/** Answers with an export. Who only asks for its head takes no leads, so there is nothing to log. */
export async function sendExport(request: Request, response: Response, wanted: ExportRequest): Promise<void> {
  if (request.method === 'HEAD') {
    response.status(405).set('Allow', 'GET').end();
    return;
  }
  const { fileName, contentType, stream } = await run(wanted);
  const { actor, campaign: subject, format } = wanted;
  await audit({ actor, action: 'took leads away', subject, kind: 'read', after: { format, fileName } });
  response.attachment(fileName).set('Content-Type', contentType);
  try {
    await pipeline(stream, response);
  } catch (error) {
    // The taker hung up, and the disclosure says so.
    if ((error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
