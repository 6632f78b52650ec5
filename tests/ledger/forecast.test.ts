import { dueBy } from '../../src/ledger/course';
import { forecastOf, latelySince } from '../../src/ledger/forecast';
import { forecastWords } from '../../src/ledger/forecast-words';
import { pacingChart } from '../../src/ledger/pacing-chart';

const NOW = new Date('2026-11-24T00:00:00Z');
const day = (n: number) => new Date(NOW.getTime() + n * 86_400_000);
const lately = (counted: number, recent: number, days = 28) => ({ counted, recent, since: day(-days) });
const iso = (at: Date) => at.toISOString().slice(0, 10);

test.each([
  ['on time', { cap: 100, to: day(60) }, lately(60, 28), { state: 'on-time', perDay: 1, ends: day(40) }],
  ['late', { cap: 100, to: day(20) }, lately(60, 28), { state: 'late', expected: 80, shortfall: 20, ends: day(40) }],
  ['without an end', { cap: 100 }, lately(60, 56), { state: 'on-time', ends: day(20) }],
  ['no faster than the pace', { cap: 100, pacing: { week: 7, day: 3 } }, lately(90, 280), { perDay: 1, ends: day(10) }],
  ['full', { cap: 60, to: day(9) }, lately(60, 28), { state: 'full' }],
  ['still', { cap: 60, to: day(9) }, lately(50, 0), { state: 'still', shortfall: 10 }],
  ['ended', { cap: 60, to: day(0) }, lately(50, 5), { state: 'ended', shortfall: 10 }],
  ['not started', { cap: 60, from: day(1) }, lately(0, 0), { state: 'not-started' }],
  ['no limit', { cap: null, to: day(10) }, lately(5, 28), { state: 'no-limit', expected: 15 }],
  ['a first day', { cap: 10 }, lately(4, 4, 0), { perDay: 4, ends: day(1.5) }],
])('a contract that is %s', (_, agreed, so, expected) => {
  expect(forecastOf(agreed, so, NOW)).toMatchObject(expected);
});

test('what is recent is four weeks, or less when the contract is younger', () => {
  expect(latelySince(day(-100), NOW)).toEqual(day(-28));
  expect(latelySince(day(-3), NOW)).toEqual(day(-3));
});

test('the sentence says when, or how many will be missing', () => {
  const late = { cap: 100, to: day(20) };
  expect(forecastWords(forecastOf(late, lately(60, 28), NOW), late, iso)).toBe(
    'At 1 lead a day as of late, 80 of 100 places will be taken when the contract ends on 2026-12-14: a shortfall of 20.',
  );
  const good = { cap: 100 };
  expect(forecastWords(forecastOf(good, lately(60, 14), NOW), good, iso)).toBe(
    'At 0.5 leads a day as of late, the last place will be taken on 2027-02-12.',
  );
});

test('an even pace goes from nothing to the cap, and has none without an end', () => {
  expect([0, 5, 10, 20].map((n) => dueBy({ cap: 40, to: day(10) }, day(0), day(n)))).toEqual([0, 20, 40, 40]);
  expect(dueBy({ cap: 40 }, day(0), day(5))).toBeUndefined();
  expect(dueBy({ cap: null, to: day(10) }, day(0), day(5))).toBeUndefined();
});

test('the chart ends where the contract does, its lines lie inside, and its ticks are whole numbers', () => {
  const contract = { cap: 100, to: day(20) };
  const steps = [-40, -20].map((n, i) => ({ key: '', from: day(n), to: day(n + 20), count: 30, total: 30 * (i + 1) }));
  const forecast = forecastOf(contract, lately(60, 28), NOW);
  const course = { begins: day(-40), pace: 'day' as const, steps, counted: 60, forecast };
  const chart = pacingChart(contract, course, NOW);
  expect(chart.yTicks.map(({ label }) => label)).toEqual(['0', '25', '50', '75', '100']);
  expect(chart.xTicks.map(({ at }) => iso(at)).at(-1)).toBe(iso(day(20)));
  const { left, right, top, bottom } = chart.plot;
  for (const line of [chart.counted, chart.due, chart.forecast]) {
    const points = (line ?? '').split(' ').map((point) => point.split(',').map(Number));
    expect(points.length).toBeGreaterThan(1);
    for (const [x = -1, y = -1] of points) {
      expect([x >= left && x <= right, y >= top && y <= bottom]).toEqual([true, true]);
    }
  }
  // 60 of 100 at two thirds of the time.
  expect(chart.counted.split(' ').at(-1)).toBe('436,104.8');
});
