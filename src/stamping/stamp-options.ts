import { StampError } from './stamp-error';
import { parseTemplate } from './stamp-template';
import type { Preset, Segment, StampOptions } from './stamping.types';

/** Options with the defaults filled in. */
export interface CheckedOptions {
  segments: Segment[];
  preset: Preset;
  /** Points, at scale 1. */
  margin: number;
  size: number;
  /** A colour operator such as `0.35 g`; undefined: whatever can be read on each page. */
  colour: string | undefined;
}

const PRESETS: readonly string[] = ['footer', 'header'] satisfies Preset[];
const DEFAULT_MARGIN = 10;
const DEFAULT_SIZE = 7;

const refusal = (message: string, advice: string) => new StampError('bad-options', message, advice);

function inRange(name: string, value: number, from: number, to: number): number {
  if (value >= from && value <= to) return value;
  throw refusal(`The stamp's ${name} must be between ${from} and ${to} points.`, `Change the ${name}.`);
}

function colourOperator(colour: string): string {
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!parts) throw refusal(`"${colour}" is no colour.`, 'Write it as #rrggbb.');
  const [red = 0, green = 0, blue = 0] = parts.slice(1).map((hex) => Number.parseInt(hex, 16) / 255);
  const grey = red === green && green === blue;
  return grey ? `${red.toFixed(3)} g` : `${[red, green, blue].map((value) => value.toFixed(3)).join(' ')} rg`;
}

/** @throws {StampError} `bad-options`, `bad-template` */
export function checkOptions({ preset, template, margin, size, colour }: StampOptions): CheckedOptions {
  if (!PRESETS.includes(preset)) throw refusal(`There is no preset "${preset}".`, `Presets are ${PRESETS.join(', ')}.`);
  return {
    segments: parseTemplate(template),
    preset,
    margin: inRange('margin', margin ?? DEFAULT_MARGIN, 0, 200),
    size: inRange('size', size ?? DEFAULT_SIZE, 4, 12),
    colour: colour === undefined ? undefined : colourOperator(colour),
  };
}
