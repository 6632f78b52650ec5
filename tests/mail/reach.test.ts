import { openReach } from '../../src/mail/reach';

test('a server that is down is asked by one send at a time, with growing pauses, until it answers', () => {
  let now = 0;
  const reach = openReach([15_000, 30_000], () => now);
  expect(reach.atOnce()).toBe(Number.POSITIVE_INFINITY);
  expect(reach.failed()).toBe(15_000);
  // Five that were under way together fail together.
  now = 1000;
  expect(reach.failed()).toBe(14_000);
  expect(reach.atOnce()).toBe(0);
  now = 15_000;
  expect(reach.atOnce()).toBe(1);
  expect(reach.failed()).toBe(30_000);
  now = 45_000;
  expect(reach.failed()).toBe(30_000);
  now = 75_000;
  expect(reach.atOnce()).toBe(1);
  reach.answered();
  expect(reach.atOnce()).toBe(Number.POSITIVE_INFINITY);
});
