import { copyFor, fetchesOf, recordFetch } from '../../src/deliveries/deliveries';
import { ask, useDesk } from './desk';

const { services, deps } = useDesk();
const at = new Date();

test('a link is good for fifty full downloads, however many come at once; each channel has its own', async () => {
  const { ref } = await ask(services);
  const answers = await Promise.all(Array.from({ length: 60 }, () => recordFetch(ref, 'page', 50, at)));
  expect(answers.filter(({ allowed }) => allowed)).toHaveLength(50);
  expect(await recordFetch(ref, 'page', 50, at)).toEqual({ allowed: false });
  expect(await recordFetch(ref, 'mail', 50, at)).toEqual({ allowed: true });
  expect(await fetchesOf(ref)).toEqual({ page: 50, mail: 1 });
});

test('nothing was fetched yet, and of what is unknown there is no copy', async () => {
  expect(await fetchesOf('NONE')).toEqual({ page: 0, mail: 0 });
  await expect(copyFor('NONE', deps())).rejects.toMatchObject({ kind: 'not-found', code: 'unknown-request' });
});
