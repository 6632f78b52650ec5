import { corpusFile, corpusTraits, fileName } from './corpus';
import { defects } from './defects';
import { encrypted, refused, slow } from './hostile';
import { structures } from './structures';

const stampable = { ...defects, ...structures };
/** Made by qpdf. */
const rewritten = ['object streams', 'linearized', 'linearized with object streams'];
const nameOf = (trait: string) => fileName(trait).replace(/\.pdf$/, '');

/** `npm run corpus` writes the files anew. */
test('the files are what their recipes make', async () => {
  for (const [trait, make] of Object.entries(stampable)) {
    expect(`${trait} ${(await make()).equals(corpusFile('stampable', trait))}`).toBe(`${trait} true`);
  }
  for (const [trait, [make]] of Object.entries(refused)) {
    if (!slow.includes(trait)) expect(`${trait} ${make().equals(corpusFile('refused', trait))}`).toBe(`${trait} true`);
  }
});

test('there is a file for each trait and none beside', () => {
  const names = (traits: string[]) => traits.map(nameOf).sort();
  expect(corpusTraits('stampable').sort()).toEqual(names([...Object.keys(stampable), ...rewritten]));
  expect(corpusTraits('refused').sort()).toEqual(names([...Object.keys(refused), ...encrypted]));
});
