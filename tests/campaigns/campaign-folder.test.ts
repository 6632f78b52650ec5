import { readCampaignFolder } from '../../src/campaigns/campaign.folder';
import { ARTICLE_MD, CAMPAIGN_YAML, folderWith } from './folder';

async function refusal(files: Record<string, string | Uint8Array>): Promise<string> {
  try {
    await readCampaignFolder(folderWith(files), 'Europe/London');
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}

/** The good file with `from` replaced, and the line where that stood. */
function changed(from: string, to: string): { yaml: string; line: number } {
  const line = CAMPAIGN_YAML.slice(0, CAMPAIGN_YAML.indexOf(from)).split('\n').length;
  expect(CAMPAIGN_YAML).toContain(from);
  return { yaml: CAMPAIGN_YAML.replace(from, to), line };
}

test('a good folder is read whole', async () => {
  const folder = folderWith({ 'campaign.yaml': CAMPAIGN_YAML, 'article.md': ARTICLE_MD, 'cover.svg': '<svg/>' });
  const read = await readCampaignFolder(folder, 'Europe/Berlin');
  expect(read.file.opens?.toISOString()).toBe('2025-12-31T23:00:00.000Z');
  expect(read.file.sponsors[0]?.contract).toMatchObject({ cap: 200, overflow: 'hold', perCompanyDomain: 4 });
  expect(read.cover?.type).toBe('image/svg+xml');
  expect(read.article).toMatchObject({ title: 'Who holds the keys?', date: '2026-05-04', author: { role: 'Editor' } });
  expect(read.pdf).toBeUndefined();
});

describe('every mistake is told with its line', () => {
  test.each([
    ['a missing key, at what lacks it', 'slug: locks-and-keys\n', '', 'slug: is required'],
    ['an unknown key', 'introduction:', 'intro:', 'intro: is not known here'],
    ['a wrong slug', 'locks-and-keys', 'Locks & keys', 'slug: takes lower-case letters'],
    ['the name of a page of the staff site', 'locks-and-keys', 'import', 'slug: can’t be import, which is a page'],
    ['a wrong status', 'status: open', 'status: live', 'status: must be one of'],
    ['a day that is none', '2026-01-01\n', '2026-02-30\n', 'opens: takes a day'],
    ['closing before opening', '2036-01-01\n', '2025-01-01\n', 'closes: has to be after opens'],
    ['an unknown field', 'key: firstName', 'key: forename', 'form[1].key: takes email, firstName'],
    ['a field twice', 'key: firstName', 'key: email', 'form[1]: is there twice'],
    [
      'an address that may be left out',
      'key: email, required: true',
      'key: email',
      'form[0]: email has to be required',
    ],
    ['a type of a standard field', '{ key: phone }', '{ key: phone, type: text }', 'form[4].type: phone is always'],
    ['an own question without words', '    label: How many homes do you manage?\n', '', 'form[5].label: is required'],
    [
      'a choice without options',
      '{ key: phone }',
      '{ key: q.x, type: radio, label: X }',
      'form[4].options: is required',
    ],
    [
      'options of a number',
      '{ key: phone }',
      '{ key: q.x, type: number, label: X, options: [{ code: a, label: A }] }',
      'belongs to',
    ],
    [
      'an own question that hides a method',
      '{ key: phone }',
      '{ key: q.__proto__, type: text, label: X }',
      'form[4].key: takes',
    ],
    ['an option without label', ', label: "Fewer than 1,000" }', ' }', 'form[5].options[0].label: is required'],
    ['an option twice', 'code: gt1000', 'code: lt1000', 'form[5].options[1]: is there twice'],
    ['a consent for nobody', 'sponsor: acme-cloud,', 'sponsor: other,', 'consents[1].sponsor: no sponsor other'],
    ['a filter on nothing', 'field: country,', 'field: q.size,', '.filters[0].field: the form has no field q.size'],
    ['a negative cap', 'cap: 200', 'cap: -1', 'sponsors[0].contract.cap: must be'],
    [
      'a script for a link',
      'https://acme-cloud.example/privacy',
      'javascript:alert(1)',
      'privacyUrl: takes an address',
    ],
    ['a stamp without the name', '{{name}} · ', '', 'stamp.template: has to contain {{name}} and {{email}}'],
    ['a stamp with a stranger', '{{ref}}', '{{phone}}', 'stamp.template: {{phone}} is not one of'],
    [
      'a follow-up under no consent',
      'body: Here it is. }',
      'body: Here it is., followUps: [{ afterDays: 3, subject: S, body: B, consent: news }] }',
      'mail.followUps[0].consent: no consent news below consents',
    ],
    [
      'a follow-up before the delivery',
      'body: Here it is. }',
      'body: Here it is., followUps: [{ afterDays: -1, subject: S, body: B, consent: publisher }] }',
      'mail.followUps[0].afterDays: must be greater than or equal to 0',
    ],
    [
      'a follow-up without words',
      'body: Here it is. }',
      'body: Here it is., followUps: [{ afterDays: 3, subject: S, consent: publisher }] }',
      'mail.followUps[0].body: is required',
    ],
    [
      'four follow-ups',
      'body: Here it is. }',
      `body: Here it is., followUps: [${Array(4).fill('{ afterDays: 3, subject: S, body: B, consent: publisher }')}] }`,
      'mail.followUps: must contain less than or equal to 3 items',
    ],
    ['a confirmation that is neither yes nor no', 'status: open\n', 'status: open\nconfirmFirst: maybe\n', ''],
    ['a stamp of an unknown kind', 'preset: footer', 'preset: sideways', 'stamp.preset'],
    [
      'a stamp too large for its preset',
      'preset: footer',
      'preset: footer, size: 24',
      'stamp.size: takes 4 to 12 points',
    ],
    [
      'a stamp beyond the page',
      'preset: footer',
      'preset: diagonal, margin: 900',
      'stamp.margin: takes 0 to 200 points',
    ],
    ['a stamp in a colour by name', 'preset: footer', 'preset: footer, colour: teal', 'stamp.colour: "teal" is none'],
    ['broken YAML', 'topics: [ Access control, Housing ]', 'topics: [ Access control, Housing', ''],
    ['a key twice', 'status: open\n', 'title: Other\n', 'Map keys must be unique'],
  ])('%s', async (_name, from, to, message) => {
    const { yaml, line } = changed(from, to);
    const lines = (await refusal({ 'campaign.yaml': yaml })).split('\n').filter((text) => text.includes(message));
    expect(lines[0]).toMatch(/^campaign\.yaml:\d+: /);
    const told = Number(lines[0]?.split(':')[1]);
    // A missing thing is told at what lacks it, a bracket that is open where the next thing begins: at most two lines off.
    expect(Math.abs(told - line)).toBeLessThanOrEqual(to === '' || message === '' ? 2 : 0);
  });

  test('all mistakes at once, in the order of lines', async () => {
    const yaml = CAMPAIGN_YAML.replace('status: open', 'status: live').replace('cap: 200', 'cap: many');
    const told = (await refusal({ 'campaign.yaml': yaml })).split('\n').map((text) => text.split(':')[1]);
    expect(told).toEqual(['9', '32']);
  });

  test('in the front matter of the article, by the line of the file', async () => {
    const article = ARTICLE_MD.replace('date: 2026-05-04', 'date: May');
    expect(await refusal({ 'campaign.yaml': CAMPAIGN_YAML, 'article.md': article })).toMatch(
      /^article\.md:4: date: takes a day/,
    );
    expect(await refusal({ 'campaign.yaml': CAMPAIGN_YAML, 'article.md': 'Hello' })).toMatch(/^article\.md:1: /);
  });
});

test.each([
  ['no file', {}, /campaign\.yaml can't be read/],
  ['another encoding', { 'campaign.yaml': new Uint8Array([0x73, 0xff, 0xfe]) }, /not UTF-8/],
  ['an empty file', { 'campaign.yaml': '' }, /campaign\.yaml:1: /],
  ['a list', { 'campaign.yaml': '- 1' }, /campaign\.yaml:1: must be of type object/],
  ['aliases that multiply', { 'campaign.yaml': bomb() }, /too many aliases/],
])('%s is refused in words', async (_name, files, message) => {
  expect(await refusal(files)).toMatch(message);
});

function bomb(): string {
  const rows = Array.from({ length: 9 }, (_, n) => `k${n + 1}: &k${n + 1} [${Array(9).fill(`*k${n}`).join(', ')}]`);
  return ['k0: &k0 [x]', ...rows].join('\n');
}
