import { StampError } from './stamp-error';
import { parseTemplate } from './stamp-template';
import type { Preset, Segment, StampOptions } from './stamping.types';

/** Options with the defaults filled in. */
export interface CheckedOptions {
  segments: Segment[];
  preset: Preset;
  /** To choose from, points at scale 1, in order of preference. */
  margins: number[];
  size: number;
  /** A colour operator such as `0.35 g`; undefined: what can be read on each page. */
  colour: string | undefined;
}

const PRESETS: readonly string[] = ['footer', 'header'] satisfies Preset[];
/** Beside page numbers, which commonly stand at one of these heights. The last may be beyond what printers print. */
const MARGINS = [10, 20, 28, 3];
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
    margins: margin === undefined ? MARGINS : [inRange('margin', margin, 0, 200)],
    size: inRange('size', size ?? DEFAULT_SIZE, 4, 12),
    colour: colour === undefined ? undefined : colourOperator(colour),
  };
}
