import type { Disclosure } from './disclosure.types';
import type { Format } from './profile.types';

/**
 * `<campaign>_<sponsor>_<range>_<day>_<person>.csv`: whoever finds the file knows what it is, and who took it (issue 8.11).
 * ASCII letters, digits, dot, hyphen and underscore only, so that it survives every system and header.
 */
export function fileNameOf(disclosure: Omit<Disclosure, 'id'>, format: Format): string {
  const { campaign, sponsor, profile, at, actor } = disclosure;
  const parts = [campaign, sponsor, profile?.name, rangeOf(disclosure), at.toISOString().slice(0, 10), actor];
  return `${parts.flatMap((part) => plain(part ?? '') || []).join('_')}.${format}`;
}

function rangeOf({ range, number, again }: Omit<Disclosure, 'id'>): string {
  const count = again ?? number;
  const which = range?.kind === 'days' ? `${range.from}-to-${range.to}` : (range?.kind ?? 'all');
  return [which, ...(count === undefined ? [] : [`no-${count}`]), ...(again === undefined ? [] : ['again'])].join('-');
}

const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll('@', '-at-')
    .replace(/[^A-Za-z0-9.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80);
