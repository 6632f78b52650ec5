import { availability, readMoment, writeMoment } from '../../src/campaigns/schedule';

describe('a written day is a day in the zone of the site', () => {
  test.each([
    ['2026-01-01', 'Europe/London', '2026-01-01T00:00:00.000Z'],
    ['2026-07-01', 'Europe/London', '2026-06-30T23:00:00.000Z'],
    ['2026-01-01', 'Europe/Berlin', '2025-12-31T23:00:00.000Z'],
    ['2026-01-01', 'Pacific/Auckland', '2025-12-31T11:00:00.000Z'],
    ['2026-01-01', 'Asia/Kathmandu', '2025-12-31T18:15:00.000Z'],
    ['2024-02-29', 'UTC', '2024-02-29T00:00:00.000Z'],
    ['2024-03-31', 'Asia/Beirut', '2024-03-30T22:00:00.000Z'], // clocks jumped at midnight: the day began at 01:00
    ['2024-11-03', 'America/Havana', '2024-11-03T04:00:00.000Z'], // midnight came twice: the first
    ['2026-01-01T09:30', 'Europe/Berlin', '2026-01-01T08:30:00.000Z'],
    ['2026-01-01T09:30Z', 'Europe/Berlin', '2026-01-01T09:30:00.000Z'],
    ['2026-01-01 09:30:15-03:30', 'Europe/Berlin', '2026-01-01T13:00:15.000Z'],
  ])('%s in %s', (written, zone, moment) => {
    expect(readMoment(written, zone)?.toISOString()).toBe(moment);
    expect(readMoment(writeMoment(new Date(moment), zone), 'America/Lima')?.toISOString()).toBe(moment);
  });

  test.each(['2026-02-30', '2026-13-01', '2026-1-1', '2026-01-01T24:00', '2026-01-01T09:60', 'tomorrow', ''])(
    'no such day or time: %j',
    (written) => expect(readMoment(written, 'UTC')).toBeNull(),
  );
});

test.each([
  ['draft', undefined, undefined, 'hidden'],
  ['open', undefined, undefined, 'open'],
  ['open', '2026-06-02', undefined, 'hidden'],
  ['open', '2026-06-01T12:00Z', '2026-06-02', 'open'], // the first moment counts
  ['open', undefined, '2026-06-01T12:00Z', 'closed'], // the last doesn't
  ['paused', undefined, '2026-05-01', 'paused'],
  ['closed', undefined, undefined, 'closed'],
] as const)('%s, opens %s, closes %s: %s', (status, opens, closes, expected) => {
  const moment = (written?: string) => readMoment(written ?? '', 'UTC');
  const dates = Object.fromEntries(
    Object.entries({ opens: moment(opens), closes: moment(closes) }).filter(([, at]) => at),
  );
  expect(availability({ status, ...dates }, new Date('2026-06-01T12:00:00Z'))).toBe(expected);
});
