import { createHash } from 'node:crypto';
import Joi from 'joi';
import type { Site } from './campaign.types';

/** The publisher's own colours, over the design's; each has one for light and one for dark pages. */
export interface Theme {
  brand?: string;
  brandDark?: string;
  accent?: string;
  accentDark?: string;
}

/** Grounds that text stands on in light and in dark pages, and the text on a button: as in assets/css/gatefold.css. */
const GROUNDS = { light: ['#fbfaf7', '#ffffff', '#f1eee7'], dark: ['#12161b', '#1a2027', '#222a33', '#0d1a26'] };
const LEAST = 4.5;

const colour = (scheme: keyof typeof GROUNDS) =>
  Joi.string()
    .lowercase()
    .pattern(/^#[0-9a-f]{6}$/)
    .custom((value: string, helpers) => {
      const [worst = LEAST] = GROUNDS[scheme].map((ground) => contrast(value, ground)).sort((a, b) => a - b);
      return worst < LEAST ? helpers.error('theme.contrast', { scheme, worst: worst.toFixed(1) }) : value;
    });

/** Colours that can't be read on the site's grounds are refused with their contrast (WCAG 2.2, 1.4.3). */
export const themeSchema = Joi.object<Theme>({
  brand: colour('light'),
  accent: colour('light'),
  brandDark: colour('dark'),
  accentDark: colour('dark'),
}).messages({
  'string.pattern.base': 'takes a colour such as #0b4a7d',
  'theme.contrast': `has a contrast of {#worst} : 1 on {#scheme} pages; text needs ${LEAST} : 1`,
});

/** WCAG 2.2, contrast ratio of two colours written as `#rrggbb`. */
export function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

/** WCAG 2.2, relative luminance. */
function luminance(value: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(value.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The tokens that a theme changes, as a style sheet; empty when it changes none. */
export function themeStyle({ brand, brandDark, accent, accentDark }: Theme): string {
  const tokens = (main?: string, second?: string) =>
    [...(main ? [`--brand:${main}`, `--brand-strong:${main}`] : []), ...(second ? [`--accent:${second}`] : [])].join(
      ';',
    );
  const [light, dark] = [tokens(brand, accent), tokens(brandDark, accentDark)];
  // On dark pages the design's own colours stay unless there are dark ones: what is read on white is not read on black.
  const scheme = (name: string, rules: string) =>
    rules && `@media (prefers-color-scheme:${name}){@layer tokens{:root{${rules}}}}`;
  return scheme('light', light) + scheme('dark', dark);
}

/** Addresses for a page's head and header: none where the publisher brings nothing. */
export function siteLinks({ logo, theme }: Site): { logoUrl?: string; themeUrl?: string } {
  const style = themeStyle(theme);
  const version = createHash('sha256').update(style).digest('base64url').slice(0, 12);
  return {
    ...(logo && { logoUrl: `/site/logo?v=${logo.file.slice(0, 12)}` }),
    ...(style && { themeUrl: `/site/theme.css?v=${version}` }),
  };
}
