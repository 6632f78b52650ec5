import { type Request, type Response, Router } from 'express';
import { audit } from '../accounts/accounts';
import { findRequest, REFERENCE } from '../leads/leads';
import { StampError, trace } from '../stamping/stamping';
import { refuseForeignForm } from '../web/csrf';
import { accountOf, requireStaff } from '../web/guards';
import { renderPage } from '../web/page';
import { readUpload } from '../web/upload';

/** Whose copy is this? By the file, or by the reference printed on its pages. */
export function traceRoutes(): Router {
  const router = Router();
  router.get('/staff/trace', requireStaff(), (request, response) => showTrace(request, response, {}));
  router.post('/staff/trace', requireStaff(), readUpload('copy'), refuseForeignForm, async (request, response) => {
    const asked = await referenceOf(request);
    const answer = 'mistake' in asked ? asked : { ...asked, found: await findRequest(asked.ref) };
    if ('ref' in asked) {
      await audit({ actor: accountOf(response).email, kind: 'read', action: 'traced a copy', subject: asked.ref });
    }
    await showTrace(request, response, answer);
  });
  return router;
}

interface Traced {
  ref: string;
  /** Where the file carries it; nothing when it was typed. */
  foundIn?: string[];
}

/** Words for the places that a reference hides in. */
const PLACES: Record<string, string> = {
  info: 'the document properties',
  xmp: 'its XMP metadata',
  id: 'its file identifier',
  page: 'the stamp on its pages',
  text: 'the words on its pages',
};

async function referenceOf(request: Request): Promise<Traced | { mistake: string; typed: string }> {
  const typed = String(request.body['reference'] ?? '').slice(0, 200);
  const ref = typed.trim().toUpperCase();
  if (!request.file) {
    return ref ? { ref } : { mistake: 'Choose a PDF, or type the reference that is printed on its pages', typed };
  }
  try {
    const found = await trace(request.file.buffer, REFERENCE);
    if (found) return { ref: found.ref, foundIn: found.foundIn.map((place) => PLACES[place] ?? place) };
    return { mistake: 'This file carries no reference of ours. If one is printed on its pages, type it here', typed };
  } catch (error) {
    if (!(error instanceof StampError)) throw error;
    return {
      mistake: `This file can’t be read: ${error.message} If a reference is printed on its pages, type it here`,
      typed,
    };
  }
}

async function showTrace(request: Request, response: Response, answer: object): Promise<void> {
  const mistaken = 'mistake' in answer;
  const locals = {
    title: mistaken ? 'Error: Trace a copy' : 'Trace a copy',
    mistake: '',
    typed: '',
    ref: '',
    ...answer,
  };
  await renderPage(request, response, 'deliveries/trace', locals, { status: mistaken ? 422 : 200 });
}
