import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contrast } from '../../src/campaigns/theme';

const css = readFileSync(join(__dirname, '../../assets/css/gatefold.css'), 'utf8');

/** The colour tokens of a theme: those of the first block, or those and what the dark block changes. */
function theme(dark: boolean): Map<string, string> {
  const [light = '', rest = ''] = css.split('@media (prefers-color-scheme: dark)');
  const read = (text: string): [string, string][] =>
    [...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', colour = '']) => [name, colour]);
  return new Map([...read(light), ...(dark ? read(rest) : [])]);
}

const GROUNDS = ['paper', 'sheet', 'tint'];
const TEXT = ['ink', 'quiet', 'brand', 'brand-strong', 'accent', 'danger', 'good', 'warn'];
const PAIRS: [string, string, number][] = [
  ...TEXT.flatMap((text) => GROUNDS.map((ground): [string, string, number] => [text, ground, 4.5])),
  ...GROUNDS.map((ground): [string, string, number] => ['edge', ground, 3]),
  ['on-brand', 'brand', 4.5],
  ['on-brand', 'brand-strong', 4.5],
  ['on-danger', 'danger', 4.5],
  ['paper', 'ink', 4.5],
  ['focus-ink', 'focus', 4.5],
];

test('the measure is right', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
});

test.each(['light', 'dark'])('in the %s theme text and edges keep their contrast', (name) => {
  const tokens = theme(name === 'dark');
  expect(tokens.size).toBeGreaterThanOrEqual(17);
  const weak = PAIRS.map(([front, ground, least]) => {
    const [a, b] = [tokens.get(front), tokens.get(ground)];
    if (!a || !b) throw new Error(`no token ${front} or ${ground}`);
    return { pair: `${front} on ${ground}`, ratio: contrast(a, b), least };
  }).filter(({ ratio, least }) => ratio < least);
  expect(weak).toEqual([]);
});

test('the focus ring is seen on any ground: its yellow or the dark line around it', () => {
  for (const dark of [false, true]) {
    const tokens = theme(dark);
    const ring = [tokens.get('focus') ?? '', tokens.get('focus-ink') ?? ''];
    for (const ground of [...GROUNDS, 'brand', 'danger']) {
      const best = Math.max(...ring.map((colour) => contrast(colour, tokens.get(ground) ?? '')));
      expect(best).toBeGreaterThanOrEqual(3);
    }
  }
});
