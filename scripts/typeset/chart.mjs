// Charts as SVG from a few lines of YAML: `chart: bars`, a `label`, and rows of [name, value].
const WIDTH = 620;
const COLOURS = ['#0b4a7d', '#c8663a', '#5c7a4b', '#8a5275', '#7d6b2f'];

export function chart({ chart: kind, label, unit = '', rows, series }) {
  const picture = kind === 'bars' ? bars(rows, unit) : stacks(rows, series, unit);
  return `<svg viewBox="0 0 ${WIDTH} ${picture.height}" role="img" aria-label="${label}">${picture.svg}</svg>`;
}

const text = (x, y, words, more = '') =>
  `<text x="${x}" y="${y}" font-size="13" fill="#1a2129" ${more}>${words}</text>`;

function bars(rows, unit) {
  const most = Math.max(...rows.map(([, value]) => value));
  const svg = rows
    .map(([name, value], i) => {
      const y = i * 34;
      const width = Math.round((value / most) * 300);
      return `${text(0, y + 20, name)}<rect x="230" y="${y + 4}" width="${width}" height="22" fill="${COLOURS[0]}"/>${text(238 + width, y + 20, `${value}${unit}`, 'font-weight="600"')}`;
    })
    .join('');
  return { svg, height: rows.length * 34 + 4 };
}

function stacks(rows, series, unit) {
  const legend = series
    .map(
      (name, i) =>
        `<rect x="${i * 150}" y="0" width="14" height="14" fill="${COLOURS[i]}"/>${text(i * 150 + 20, 12, name)}`,
    )
    .join('');
  const svg = rows
    .map(([name, values], i) => {
      const y = 32 + i * 38;
      let x = 130;
      const parts = values.map((value, j) => {
        const width = Math.round(value * 4.7);
        const part = `<rect x="${x}" y="${y}" width="${width}" height="26" fill="${COLOURS[j]}"/>${width > 30 ? `<text x="${x + width / 2}" y="${y + 18}" font-size="12" fill="#fff" text-anchor="middle">${value}${unit}</text>` : ''}`;
        x += width + 1;
        return part;
      });
      return text(0, y + 18, name) + parts.join('');
    })
    .join('');
  return { svg: legend + svg, height: 40 + rows.length * 38 };
}
