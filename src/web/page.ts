import type { Request, Response } from 'express';

/** What a view may tell the layout; everything else in the locals is the view's own. */
export interface PageLocals {
  title: string;
  [name: string]: unknown;
}

/**
 * Renders `views/<view>.ejs` inside the layout of its site (reader, staff or portal, by the mount's `res.locals.layout`).
 * @param view path below views/, without extension
 */
export async function renderPage(
  _request: Request,
  response: Response,
  view: string,
  locals: PageLocals,
  options: { status?: number } = {},
): Promise<void> {
  const body = await render(response, view, locals);
  const layout = typeof response.locals['layout'] === 'string' ? response.locals['layout'] : 'web/layout';
  const html = await render(response, layout, { ...locals, body });
  response.status(options.status ?? 200).type('html').send(html);
}

function render(response: Response, view: string, locals: object): Promise<string> {
  return new Promise((resolve, reject) => {
    response.render(view, locals, (error: Error | null, html: string) => (error ? reject(error) : resolve(html)));
  });
}
