import type { Inspection } from './stamping.types';

const VERDICTS = { stampable: 'Stampable', 'stampable-with-note': 'Stampable, with a note', refused: 'Refused' };

function sizesText({ sizes }: Inspection): string {
  return sizes
    .slice(0, 4)
    .map(({ width, height, pages }) => `${Math.round(width)} × ${Math.round(height)} pt (${pages})`)
    .join(', ');
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
    `PDF ${version || '(no version)'} · ${pages} pages · ${(bytes / 1e6).toFixed(2)} MB`,
    pages > 0 && `Sizes: ${sizesText(inspection)}${turned}`,
    present.length > 0 && `Has: ${present.join(', ')}`,
    claims.some(Boolean) && `Claims: ${claims.filter(Boolean).join(', ')}`,
  ];
  return `${lines.filter(Boolean).join('\n')}\n`;
}
