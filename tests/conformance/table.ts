import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What came of each test, and the table of it in docs/store.md. */
export type Tally = Map<string, { part: string; outcome: string }>;

const PAGE = join(__dirname, '../../docs/store.md');
const BETWEEN = /(<!-- conformance -->\n)[\s\S]*(<!-- \/conformance -->)/;

const countBy = (outcomes: string[], prefix: string): number => outcomes.filter((one) => one.startsWith(prefix)).length;

export function tableOf(tally: Tally): string {
  const all = [...tally.values()];
  const parts = [...new Set(all.map(({ part }) => part))];
  const rows = parts.map((part) => {
    const outcomes = all.filter((one) => one.part === part).map(({ outcome }) => outcome);
    const counts = ['passed', 'refused', 'failed', 'not applicable'].map((prefix) => countBy(outcomes, prefix));
    return `| ${[part, ...counts].join(' | ')} |`;
  });
  const outcomes = all.map(({ outcome }) => outcome);
  const classes = (kind: string) =>
    [...new Set(outcomes.filter((one) => one.startsWith(`${kind}: `)))].sort().map((one) => {
      return `${one.slice(kind.length + 2)} (${countBy(outcomes, one)})`;
    });
  return [
    '| MongoDB specification | passed | refused | failed | not applicable |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    `Refused: ${classes('refused').join('; ')}.`,
    '',
    `Not applicable, since the test ${classes('not applicable').join('; ')}.`,
    '',
  ].join('\n');
}

/** The table as the page has it. */
export function tableIn(): string {
  return BETWEEN.exec(readFileSync(PAGE, 'utf8'))?.[0].split('\n').slice(1, -1).join('\n').concat('\n') ?? '';
}

export function written(table: string): void {
  writeFileSync(PAGE, readFileSync(PAGE, 'utf8').replace(BETWEEN, `$1${table}$2`));
}
