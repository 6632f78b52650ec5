import type { Inspection, StampOptions } from '../stamping/stamping';
import { readStamp } from './campaign.check';
import { mistakeOf } from './editor.mistakes';

/** Whom a sample copy is for: letters that fonts often lack. */
const EXAMPLE = { name: 'Łukasz Żółć', email: 'lukasz.zolc@example.org', company: 'Example Homes' };
const LONGEST = 200;

/** What staff type to see a copy. */
export interface Sample {
  name: string;
  email: string;
  company: string;
  /** Counted from 1. */
  page: number;
}

/** As the form would take them, at most 200 characters; what is left empty is an example's, but for the company. */
export function readSample(typed: (name: string) => unknown): Sample {
  const text = (name: keyof typeof EXAMPLE, empty: string) => {
    const value = typed(name);
    if (typeof value !== 'string') return EXAMPLE[name];
    return [...value.trim()].slice(0, LONGEST).join('') || empty;
  };
  const page = Math.trunc(Number(typed('page')));
  return {
    name: text('name', EXAMPLE.name),
    email: text('email', EXAMPLE.email),
    company: text('company', ''),
    page: page >= 1 && page <= 100_000 ? page : 1,
  };
}

/** A page of a sample copy as our pages show it. */
export interface SampleView extends Sample {
  /** Of the copy. */
  pages: number;
  src?: string;
  /** Of the picture, for the room that it takes. */
  width: number;
  height: number;
  /** Why there is none, in plain words. */
  trouble?: string;
}

/**
 * What a page needs to show a sample.
 * @param base where the picture is served
 * @param more what else its address says
 */
export function sampleView(
  sample: Sample,
  inspection: Pick<Inspection, 'verdict' | 'reason' | 'advice' | 'pages' | 'sizes'>,
  typedStamp: object,
  base: string,
  more: Record<string, string> = {},
): SampleView {
  const stamp = readStamp(typedStamp);
  const cover = 'stamp' in stamp && stamp.stamp.preset === 'cover' ? 1 : 0;
  const pages = Math.max(1, inspection.pages + cover);
  const page = Math.min(sample.page, pages);
  const { width, height } = inspection.sizes[0] ?? { width: 595, height: 842 };
  const shown = { ...sample, page, pages, width: Math.round(width), height: Math.round(height) };
  if (inspection.verdict === 'refused') return { ...shown, trouble: `${inspection.reason} ${inspection.advice}` };
  if ('problems' in stamp) {
    return { ...shown, trouble: stamp.problems.map((one) => `${mistakeOf(one, {}).message}.`).join(' ') };
  }
  const { name, email, company } = sample;
  return { ...shown, src: `${base}?${new URLSearchParams({ ...more, name, email, company, page: String(page) })}` };
}

/** The stamp as the address of a trial has it. */
export function stampQuery(stamp: Partial<Record<keyof StampOptions, unknown>>): Record<string, string> {
  const given = Object.entries(stamp).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}
