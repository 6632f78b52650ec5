import * as sponsors from '../../src/sponsors/sponsors';
import { emptyStore, useStore } from '../support/store';

useStore();
beforeEach(emptyStore);

const TERMS = { campaign: 'locks', sponsor: 'acme', cap: 10, filters: [], overflow: 'hold' as const };

test('a sponsor is added once and changed after', async () => {
  await sponsors.putSponsor({ slug: 'acme', name: 'ACME', privacyUrl: 'https://acme.example/privacy' });
  await sponsors.putSponsor({ slug: 'zeta', name: 'Aardvark' });
  expect(await sponsors.findSponsor('acme')).toEqual({
    slug: 'acme',
    name: 'ACME',
    privacyUrl: 'https://acme.example/privacy',
  });
  await sponsors.putSponsor({ slug: 'acme', name: 'ACME Cloud' });
  expect(await sponsors.listSponsors()).toEqual([
    { slug: 'zeta', name: 'Aardvark' },
    { slug: 'acme', name: 'ACME Cloud' },
  ]);
  expect(await sponsors.findSponsor('nobody')).toBeNull();
});

test('new terms take the place of the old ones whole', async () => {
  const from = new Date('2026-01-01');
  const filters = [{ field: 'q.units', in: ['gt1000'] }];
  await sponsors.putContract({ ...TERMS, from, perCompanyDomain: 2, filters });
  expect(await sponsors.findContract('locks', 'acme')).toEqual({
    id: 'locks/acme',
    ...TERMS,
    from,
    perCompanyDomain: 2,
    filters,
  });
  await sponsors.putContract({ ...TERMS, cap: null });
  expect(await sponsors.findContract('locks', 'acme')).toEqual({
    ...{ id: 'locks/acme', ...TERMS, cap: null },
    changedAt: expect.any(Date),
  });
});

test('contracts of a campaign and of a sponsor, in the order of their names', async () => {
  for (const [campaign, sponsor] of [
    ['locks', 'zeta'],
    ['locks', 'acme'],
    ['doors', 'acme'],
    ['locks-2', 'acme'],
  ] as const)
    await sponsors.putContract({ ...TERMS, campaign, sponsor });
  const ids = (found: sponsors.Contract[]) => found.map(({ id }) => id);
  expect(ids(await sponsors.contractsOfCampaign('locks'))).toEqual(['locks/acme', 'locks/zeta']);
  expect(ids(await sponsors.contractsOfSponsor('acme'))).toEqual(['doors/acme', 'locks-2/acme', 'locks/acme']);
  await sponsors.removeContract('locks', 'acme');
  expect(ids(await sponsors.contractsOfCampaign('locks'))).toEqual(['locks/zeta']);
  expect(await sponsors.findContract('locks', 'acme')).toBeNull();
});
