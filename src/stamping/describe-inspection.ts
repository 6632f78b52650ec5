import type { Inspection } from './stamping.types';

const VERDICTS = { stampable: 'Stampable', 'stampable-with-note': 'Stampable, with a note', refused: 'Refused' };

function sizesText({ sizes }: Inspection): string {
  return sizes
    .slice(0, 4)
    .map(({ width, height, pages }) => `${Math.round(width)} × ${Math.round(height)} pt (${pages})`)
    .join(', ');
}

/** Nothing where every page is shown whole, from a corner at 0 0, in points. */
function boxesText({ boxes }: Inspection): string {
  const told = boxes.filter(
    ({ media, shown, userUnit }) =>
      userUnit !== 1 || String(media) !== String(shown) || media[0] !== 0 || media[1] !== 0,
  );
  return told
    .slice(0, 4)
    .map(({ media, shown, userUnit, pages }) => {
      const cropped = String(media) === String(shown) ? '' : ` cropped to ${shown.join(' ')}`;
      return `${media.join(' ')}${cropped}${userUnit === 1 ? '' : `, a unit is ${userUnit} pt`} (${pages})`;
    })
    .join('; ');
}

/** The inspection as a few lines for a terminal, ending in a line break. */
export function describe(inspection: Inspection): string {
  const { verdict, reason, advice, notes, pages, rotations, version, bytes } = inspection;
  const present = (['encrypted', 'signed', 'forms', 'xfa', 'outline', 'tagged'] as const).filter(
    (key) => inspection[key],
  );
  const turned = rotations.some((rotation) => rotation !== 0) ? ` · rotated ${rotations.join(', ')}°` : '';
  const claims = [inspection.pdfa && `PDF/A-${inspection.pdfa}`, inspection.pdfua && `PDF/UA-${inspection.pdfua}`];
  const lines = [
    reason ? `${VERDICTS[verdict]}: ${reason}` : VERDICTS[verdict],
    advice,
    ...notes.map((note) => `Note: ${note}`),
    `PDF ${version || '(no version)'} · ${pages} ${pages === 1 ? 'page' : 'pages'} · ${(bytes / 1e6).toFixed(2)} MB`,
    pages > 0 && `Sizes: ${sizesText(inspection)}${turned}`,
    boxesText(inspection) && `Boxes: ${boxesText(inspection)}`,
    present.length > 0 && `Has: ${present.join(', ')}`,
    claims.some(Boolean) && `Claims: ${claims.filter(Boolean).join(', ')}`,
  ];
  return `${lines.filter(Boolean).join('\n')}\n`;
}
