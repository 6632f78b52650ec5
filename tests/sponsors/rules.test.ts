import { type Candidate, type Contract, decide } from '../../src/sponsors/sponsors';

const START = new Date('2026-01-01T00:00:00Z');
const END = new Date('2027-01-01T00:00:00Z');
const before = (date: Date) => new Date(date.getTime() - 1);

const CONTRACT: Contract = {
  id: 'locks/acme',
  campaign: 'locks',
  sponsor: 'acme',
  cap: 10,
  from: START,
  to: END,
  filters: [
    { field: 'country', in: ['GB', 'IE'] },
    { field: 'q.homes', in: ['1000', '5000'] },
  ],
  overflow: 'hold',
};
const CANDIDATE: Candidate = {
  at: new Date('2026-06-01T00:00:00Z'),
  answers: { country: 'GB', 'q.homes': '1000' },
  consentedTo: ['acme'],
  domain: 'acme-homes.example',
  business: true,
  proved: false,
};

test.each<[string, Partial<Candidate>, Partial<Contract>, string]>([
  ['all is right', {}, {}, 'eligible'],
  ['nobody was agreed to', { consentedTo: [] }, {}, 'no-consent'],
  ['another was agreed to', { consentedTo: ['northgate'] }, {}, 'no-consent'],
  ['several were agreed to', { consentedTo: ['northgate', 'acme'] }, {}, 'eligible'],
  ['a name that only begins alike was agreed to', { consentedTo: ['acme-cloud'] }, {}, 'no-consent'],
  ['it was asked a moment too early', { at: before(START) }, {}, 'not-started'],
  ['it was asked at the first moment', { at: START }, {}, 'eligible'],
  ['it was asked at the last moment', { at: before(END) }, {}, 'eligible'],
  ['it was asked a moment too late', { at: END }, {}, 'ended'],
  ['the first filter says no', { answers: { country: 'DE', 'q.homes': '1000' } }, {}, 'filter:country'],
  ['the second filter says no', { answers: { country: 'IE', 'q.homes': '20' } }, {}, 'filter:q.homes'],
  ['a filtered question was not answered', { answers: { country: 'GB' } }, {}, 'filter:q.homes'],
  ['a number is one of those taken', { answers: { country: 'GB', 'q.homes': 5000 } }, {}, 'eligible'],
  ['one of several ticks is taken', { answers: { country: 'GB', 'q.homes': ['20', '5000'] } }, {}, 'eligible'],
  ['nothing is ticked', { answers: { country: 'GB', 'q.homes': [] } }, {}, 'filter:q.homes'],
  ['codes differ in case', { answers: { country: 'gb', 'q.homes': '1000' } }, {}, 'filter:country'],
  ['a filter takes nothing', {}, { filters: [{ field: 'country', in: [] }] }, 'filter:country'],
  ['without filters and dates', { answers: {}, at: new Date(0) }, { filters: [] }, 'not-started'],
])('%s', (_, candidate, contract, expected) => {
  const verdict = decide({ ...CONTRACT, ...contract }, { ...CANDIDATE, ...candidate });
  expect(verdict.eligible ? 'eligible' : verdict.rule).toBe(expected);
});

test('a contract without dates and filters takes everybody who agreed', () => {
  const { from: _, to: __, ...open } = CONTRACT;
  expect(decide({ ...open, filters: [] }, { ...CANDIDATE, at: new Date(0), answers: {} })).toEqual({ eligible: true });
});

test('consent comes first: nothing else of the reader is in the evidence', () => {
  const nobody = { ...CANDIDATE, consentedTo: [], at: END, answers: { country: 'DE' } };
  const verdict = decide(CONTRACT, nobody);
  expect(verdict).toEqual({
    eligible: false,
    rule: 'no-consent',
    evidence: 'the reader did not agree to be passed on to acme',
  });
});

test.each<[string, Candidate['answers'], string]>([
  ['an answer', { country: 'DE' }, 'DE; taken: GB, IE'],
  ['several', { country: ['DE', 'FR'] }, 'DE, FR; taken: GB, IE'],
  ['none', {}, 'no answer; taken: GB, IE'],
])('the evidence of a filter is the answer and what is taken: %s', (_, answers, evidence) => {
  expect(decide(CONTRACT, { ...CANDIDATE, answers })).toMatchObject({ rule: 'filter:country', evidence });
});
