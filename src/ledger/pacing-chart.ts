import type { Contract } from '../sponsors/sponsors';
import { type Course, dueBy } from './course';

/** A drawing in units of its own; the view turns it into SVG. */
export interface PacingChart {
  width: number;
  height: number;
  /** Points of the leads that count. */
  counted: string;
  /** An even pace to the contract's end. */
  due?: string;
  /** How it goes on. */
  forecast?: string;
  now: number;
  yTicks: { y: number; label: string }[];
  xTicks: { x: number; at: Date; anchor: 'start' | 'middle' | 'end' }[];
  /** The rectangle of the plot. */
  plot: { left: number; top: number; right: number; bottom: number };
}

const SIZE = { width: 640, height: 280 };
const PLOT = { left: 52, top: 12, right: 628, bottom: 244 };
const DAY_MS = 86_400_000;
const X_TICKS = 4;

/** Lays out the leads that count against an even pace and the forecast. Pure. */
export function pacingChart(contract: Pick<Contract, 'cap' | 'to'>, course: Course, now: Date): PacingChart {
  const { begins, steps, counted, forecast } = course;
  const end = endOf(contract, course, now);
  const top = niceTop(Math.max(contract.cap ?? 0, counted, forecast.expected ?? 0, 1));
  const x = (at: Date | number) =>
    round(PLOT.left + ((Number(at) - begins.getTime()) / (end - begins.getTime())) * (PLOT.right - PLOT.left));
  const y = (count: number) => round(PLOT.bottom - (count / top) * (PLOT.bottom - PLOT.top));
  const line = (points: [Date | number, number][]) => points.map(([at, count]) => `${x(at)},${y(count)}`).join(' ');
  const so = steps.map(({ to, total }): [number, number] => [Math.min(to.getTime(), now.getTime()), total]);
  const due = contract.to && dueBy(contract, begins, contract.to);
  const aim = aimOf(contract, course);
  return {
    ...SIZE,
    plot: PLOT,
    counted: line([[begins, 0], ...so]),
    ...(due !== undefined && contract.to && { due: line([[begins, 0], [contract.to, due]]) }), // biome-ignore format: a line
    ...(aim && { forecast: line([[now, counted], aim]) }),
    now: x(now),
    yTicks: [0, 0.25, 0.5, 0.75, 1].map((share) => ({ y: y(top * share), label: String(round(top * share)) })),
    xTicks: Array.from({ length: X_TICKS + 1 }, (_, i) => {
      const at = new Date(begins.getTime() + ((end - begins.getTime()) * i) / X_TICKS);
      return { x: x(at), at, anchor: i === 0 ? 'start' : i === X_TICKS ? 'end' : 'middle' };
    }),
  };
}

/** The last moment that is drawn. */
function endOf({ to }: Pick<Contract, 'to'>, { begins, forecast }: Course, now: Date): number {
  const limit = to ?? forecast.ends ?? now;
  // A forecast of many years would leave what was so far a speck at the left.
  const longest = begins.getTime() + 3 * Math.max(DAY_MS, now.getTime() - begins.getTime());
  const last = to ? limit.getTime() : Math.min(limit.getTime(), longest);
  return Math.max(last, now.getTime(), begins.getTime() + DAY_MS);
}

/** Where the forecast leads, within what is drawn. */
function aimOf({ cap, to }: Pick<Contract, 'cap' | 'to'>, { forecast }: Course): [Date, number] | undefined {
  if (forecast.state === 'on-time' && forecast.ends && cap !== null) return [forecast.ends, cap];
  const running = forecast.state === 'late' || forecast.state === 'still' || forecast.state === 'no-limit';
  return running && to && forecast.expected !== undefined ? [to, forecast.expected] : undefined;
}

/** The next number that four ticks divide well. */
function niceTop(count: number): number {
  const size = 10 ** Math.floor(Math.log10(count));
  const nice = [1, 2, 4, 8, 10, 20].map((one) => one * size).find((one) => one >= count && one % 4 === 0);
  return nice ?? Math.max(4, Math.ceil(count / 4) * 4);
}

const round = (value: number): number => Math.round(value * 10) / 10;
