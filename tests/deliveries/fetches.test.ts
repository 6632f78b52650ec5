import { copyFor, eventsOfLead, fetchesOf, recordFetch, revokeLinks } from '../../src/deliveries/deliveries';
import type { Channel } from '../../src/links';
import { ask, useDesk } from './desk';

const { services, deps } = useDesk();
const at = new Date();
const fetch = (request: string, channel: Channel, { generation = 0, scanner = false } = {}) =>
  recordFetch({ link: { request, channel, generation }, scanner, at }, 50);

test('a link is good for fifty full downloads, however many come at once; each channel has its own', async () => {
  const { ref } = await ask(services);
  const answers = await Promise.all(Array.from({ length: 60 }, () => fetch(ref, 'page')));
  expect(answers.filter(({ allowed }) => allowed)).toHaveLength(50);
  expect(await fetch(ref, 'page')).toEqual({ allowed: false });
  expect(await fetch(ref, 'mail')).toEqual({ allowed: true });
  expect(await fetchesOf(ref)).toEqual({ page: 50, mail: 1 });
});

test('a scanner’s count against the link and are in no figure; links that were given out anew have fifty of their own', async () => {
  const { ref, lead } = await ask(services);
  await fetch(ref, 'mail', { scanner: true });
  expect(await fetchesOf(ref)).toEqual({ page: 0, mail: 0 });
  await Promise.all(Array.from({ length: 49 }, () => fetch(ref, 'mail')));
  expect(await fetch(ref, 'mail')).toEqual({ allowed: false });
  await revokeLinks(ref, 'mia', at);
  expect(await fetch(ref, 'mail', { generation: 1 })).toEqual({ allowed: true });
  expect(await fetchesOf(ref)).toEqual({ page: 0, mail: 50 });
  const events = (await eventsOfLead(lead)).map(({ what, times, detail }) => [what, times, detail]);
  expect(events).toContainEqual(['fetched', 49, 'by the link in the mail']);
  expect(events).toContainEqual(['scanned', undefined, expect.stringContaining('in no count')]);
  expect(events).toContainEqual(['revoked', undefined, 'by mia']);
});

test('nothing was fetched yet, and of what is unknown there is no copy', async () => {
  expect(await fetchesOf('NONE')).toEqual({ page: 0, mail: 0 });
  await expect(copyFor('NONE', deps())).rejects.toMatchObject({ kind: 'not-found', code: 'unknown-request' });
});
