import type { Express } from 'express';

/** What the router of Express keeps, as far as it is asked here. */
interface Layer {
  rawPath?: string | RegExp | (string | RegExp)[];
  route?: { path: string | RegExp | (string | RegExp)[]; stack: { method?: string }[] };
  handle?: { stack?: Layer[] };
}

export interface Route {
  method: string;
  /** As it was declared, with the paths it is mounted under: `/portal/campaigns/:slug`. */
  path: string;
}

/** Every route that an app has, read off the app itself: a new one can't be forgotten. */
export function routesOf(app: Express): Route[] {
  return walk((app.router as unknown as { stack: Layer[] }).stack, '');
}

function walk(stack: Layer[], base: string): Route[] {
  return stack.flatMap((layer) => {
    if (layer.route) {
      const methods = new Set(layer.route.stack.flatMap(({ method }) => (method ? [method] : [])));
      return [layer.route.path]
        .flat()
        .flatMap((path) => [...methods].map((method) => ({ method, path: `${base}${path}` })));
    }
    const inner = layer.handle?.stack;
    if (!inner) return [];
    const mounts = [layer.rawPath ?? ''].flat().map((path) => (path === '/' ? '' : String(path)));
    return mounts.flatMap((mount) => walk(inner, `${base}${mount}`));
  });
}
