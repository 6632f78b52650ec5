import { StampError } from './stamp-error';
import { parseTemplate, templateProblems } from './stamp-template';
import type { Preset, Segment, StampOptions, StampProblem } from './stamping.types';

/** Options with the defaults filled in. */
export interface CheckedOptions {
  segments: Segment[];
  preset: Preset;
  /** To choose from, points at scale 1, in order of preference. */
  margins: number[];
  size: number;
  /** A colour operator such as `0.35 g`; undefined: what can be read on each page. */
  colour: string | undefined;
  title: string | undefined;
}

interface Limits {
  sizes: [from: number, to: number];
  size: number;
  margins: number[];
}

const LARGEST_MARGIN = 200;
/** Beside page numbers, which commonly stand at one of these heights. The last may be beyond what printers print. */
const LINE: Limits = { sizes: [4, 12], size: 7, margins: [10, 20, 28, 3] };
const LIMITS: Record<Preset, Limits> = {
  footer: LINE,
  header: LINE,
  diagonal: { sizes: [12, 96], size: 40, margins: [36] },
  cover: LINE,
};
const PRESETS = Object.keys(LIMITS);
/** DeviceGray is allowed beside any output intent of PDF/A. */
const COLOURS: Record<string, string | undefined> = { auto: undefined, dark: '0.35 g', light: '0.85 g' };
const HEX = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i;

const isPreset = (preset: string): preset is Preset => PRESETS.includes(preset);

function colourOperator(colour: string): string | undefined {
  if (Object.hasOwn(COLOURS, colour)) return COLOURS[colour];
  const [red = 0, green = 0, blue = 0] = (HEX.exec(colour) ?? []).slice(1).map((hex) => Number.parseInt(hex, 16) / 255);
  const grey = red === green && green === blue;
  return grey ? `${red.toFixed(3)} g` : `${[red, green, blue].map((value) => value.toFixed(3)).join(' ')} rg`;
}

function rangeProblem(option: 'margin' | 'size', value: number | undefined, [from, to]: number[], preset: string) {
  if (value === undefined || (value >= Number(from) && value <= Number(to))) return [];
  return [{ option, says: `takes ${from} to ${to} points with the preset ${preset}` }];
}

/** Everything that is wrong with a stamp's options, in words for whoever set them; empty when they can be used. */
export function stampProblems({ preset, template, variables, margin, size, colour }: StampOptions): StampProblem[] {
  if (!isPreset(preset)) return [{ option: 'preset', says: `"${preset}" is not one of ${PRESETS.join(', ')}` }];
  const known = colour === undefined || Object.hasOwn(COLOURS, colour) || HEX.test(colour);
  return [
    ...templateProblems(template, variables).map((says) => ({ option: 'template' as const, says })),
    ...rangeProblem('margin', margin, [0, LARGEST_MARGIN], preset),
    ...rangeProblem('size', size, LIMITS[preset].sizes, preset),
    ...(known ? [] : [{ option: 'colour' as const, says: `"${colour}" is none: auto, dark, light, or #rrggbb` }]),
  ];
}

/** @throws {StampError} `bad-template`, `bad-options` */
export function checkOptions(options: StampOptions): CheckedOptions {
  const [problem] = stampProblems(options);
  if (problem) {
    const code = problem.option === 'template' ? 'bad-template' : 'bad-options';
    throw new StampError(code, `The stamp's ${problem.option}: ${problem.says}.`, `Change the ${problem.option}.`);
  }
  const { preset, template, margin, size, colour = 'auto', title } = options;
  return {
    segments: parseTemplate(template),
    preset,
    margins: margin === undefined ? LIMITS[preset].margins : [margin],
    size: size ?? LIMITS[preset].size,
    colour: colourOperator(colour),
    title,
  };
}
