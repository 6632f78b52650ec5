import { parse } from 'csv-parse/sync';
import type { Agent } from 'supertest';
import { type AuditFilter, audit, auditedFrom, auditPage, listAudit, verifyAudit } from '../../src/accounts/accounts';
import { AuditModel } from '../../src/accounts/audit.model';
import { person, signIn, usePeople } from './browser';

const { browser } = usePeople();

const ADA = 'ada@doors.example';

async function administrator(): Promise<Agent> {
  const agent = browser();
  await signIn(agent, await person('admin'));
  return agent;
}

describe('an entry', () => {
  test('says who, what, from where, and only what differs before and after', async () => {
    const before = { role: 'analyst', name: 'Ben', sponsor: undefined };
    await auditedFrom('192.0.2.7', () =>
      audit({
        actor: ADA,
        action: 'changed',
        subject: 'ben@doors.example',
        before,
        after: { ...before, role: 'admin' },
      }),
    );
    const [entry] = await listAudit();
    expect(entry).toMatchObject({ n: 1, actor: ADA, ip: '192.0.2.7', kind: 'change', subjects: ['ben@doors.example'] });
    expect([entry?.before, entry?.after]).toEqual([{ role: 'analyst' }, { role: 'admin' }]);
  });

  test('takes any key and a value of any length without growing with it', async () => {
    await audit({ actor: ADA, action: 'changed', before: { 'a.b': 1, $set: 2 }, after: { text: 'x'.repeat(100_000) } });
    const [entry] = await listAudit();
    expect(entry?.before).toEqual({ 'a.b': 1, $set: 2 });
    expect(String(entry?.after?.['text'])).toHaveLength(2001);
    expect(await verifyAudit()).toEqual({ entries: 1 });
  });

  test('without a request has no address; the one that is passed wins', async () => {
    await audit({ actor: 'cli:root', action: 'first' });
    await auditedFrom('192.0.2.7', () => audit({ actor: ADA, action: 'second', ip: '198.51.100.1' }));
    expect((await listAudit()).map(({ ip }) => ip)).toEqual(['198.51.100.1', undefined]);
  });
});

describe('the chain', () => {
  const write = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => audit({ actor: ADA, action: `deed ${n}` })));

  test('has every one of many at once, in one line', async () => {
    await write(20);
    expect((await listAudit()).map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, i) => 20 - i));
    expect(await verifyAudit()).toEqual({ entries: 20 });
  });

  test.each<[string, () => Promise<unknown>]>([
    ['rewritten', () => AuditModel.updateOne({ n: 3 }, { $set: { actor: 'eve@evil.example' } })],
    ['taken out', () => AuditModel.deleteOne({ n: 3 })],
    ['given another time', () => AuditModel.updateOne({ n: 3 }, { $set: { at: new Date(0) } })],
  ])('shows the entry that was %s', async (_name, tamper) => {
    await write(5);
    await tamper();
    expect(await verifyAudit()).toEqual({ entries: 2, brokenAt: 3 });
  });
});

test.each<[AuditFilter, number[]]>([
  [{}, [4, 3, 2, 1]],
  [{ actor: 'ben@doors.example' }, [3]],
  [{ action: 'opened lead' }, [4, 2]],
  [{ subject: '7F3K-92QX-ABCD' }, [4, 3]],
  [{ kind: 'read' }, [4, 3, 2]],
  [{ words: 'op' }, [4, 2]],
  [{ words: 'ada opened' }, [4, 2]],
  [{ words: 'publish' }, [1]],
  [{ words: '7f3k 92q' }, [4]],
  [{ words: 'pened' }, []],
  [{ words: '—' }, [4, 3, 2, 1]],
  [{ from: new Date(Date.now() + 60_000) }, []],
  [{ to: new Date(Date.now() + 60_000), kind: 'change' }, [1]],
])('%j finds %j', async (filter, found) => {
  await audit({ actor: ADA, action: 'published campaign', subject: 'locks-and-keys' });
  await audit({ actor: ADA, action: 'opened lead', subject: 'AAAA-BBBB-CCCC', kind: 'read' });
  await audit({ actor: 'ben@doors.example', action: 'searched', subjects: ['7F3K-92QX-ABCD', 'X'], kind: 'read' });
  await audit({ actor: ADA, action: 'opened lead', subject: '7F3K-92QX-ABCD', kind: 'read' });
  expect((await auditPage(filter, { limit: 10 })).map(({ n }) => n)).toEqual(found);
});

describe('the page', () => {
  test('goes through all entries without a gap or a double', async () => {
    const agent = await administrator();
    for (let n = 0; n < 70; n += 1) await audit({ actor: ADA, action: 'opened lead', kind: 'read', subject: `L${n}` });
    const numbers = (html: string) => html.match(/No\. \d+/g) ?? [];
    const first = (await agent.get('/staff/audit?kind=read').expect(200)).text;
    const [, next = ''] = /rel="next" href="([^"]+)"/.exec(first) ?? [];
    const second = (await agent.get(`/staff/audit${next.replaceAll('&#38;', '&').replaceAll('&amp;', '&')}`)).text;
    const seen = [...numbers(first), ...numbers(second)];
    expect([numbers(first).length, seen.length, new Set(seen).size]).toEqual([50, 70, 70]);
    expect(second).not.toContain('rel="next"');
  });

  test('says who signed in from where, shows hostile text as text, and what to do when nothing is found', async () => {
    await audit({ actor: ADA, action: '<script>alert(1)</script>', before: { '<b>': '<i>' }, subject: '"><x' });
    const agent = await administrator();
    const { text } = await agent.get('/staff/audit').expect(200);
    expect(text).toContain('from 198.51.100.');
    expect(text).not.toMatch(/<script>alert|<b>:|"><x/);
    expect((await agent.get('/staff/audit?q=nobody')).text).toContain('Nothing in the log is like that.');
    expect((await agent.get('/staff/audit?from=yesterday')).text).toContain('“yesterday” is not a day.');
    for (const query of [
      'after=x',
      'after=zzzzzzzzzzzzzz.1',
      'after=1.%00',
      'kind=toString',
      'q[$ne]=x',
      'to=2026-02-30',
    ])
      await agent.get(`/staff/audit?${query}`).expect(200);
  });

  test('finds what was done up to and with a day of the publisher’s', async () => {
    const agent = await administrator();
    const today = new Date().toISOString().slice(0, 10);
    expect((await agent.get(`/staff/audit?to=${today}`)).text).toContain('signed in');
    expect((await agent.get('/staff/audit?to=2020-01-01')).text).toContain('Nothing in the log is like that.');
  });

  test.each(['marketer', 'analyst', 'sponsor-admin'] as const)('is not for a %s, nor are its files', async (role) => {
    const agent = browser();
    await signIn(agent, await person(role));
    for (const path of ['', '/log.csv', '/log.ndjson']) await agent.get(`/staff/audit${path}`).expect(403);
  });
});

describe('as a file', () => {
  test('CSV has every field, and nothing that a spreadsheet would run', async () => {
    await audit({ actor: '=HYPERLINK("x")', action: 'opened lead', kind: 'read', subjects: ['A', 'B'] });
    const agent = await administrator();
    const answer = await agent.get('/staff/audit/log.csv?kind=read').expect(200);
    expect(answer.headers['content-disposition']).toBe('attachment; filename=audit-log.csv');
    const rows = parse(answer.text, { columns: true }) as Record<string, string>[];
    expect(rows.map(({ actor, subjects }) => [actor, subjects])).toEqual([
      ['admin@doors.example', ''],
      ['\'=HYPERLINK("x")', 'A; B'],
    ]);
  });

  test('NDJSON has all that the hashes are made of, and taking it away is an entry', async () => {
    await audit({ actor: ADA, action: 'changed', before: { a: 1 }, after: { a: 2 } });
    const agent = await administrator();
    const answer = await agent.get('/staff/audit/log.ndjson').responseType('blob').expect(200);
    const lines = String(answer.body).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(await listAudit())));
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ action: 'took the audit log', kind: 'read' });
    await agent.get('/staff/audit/log.xlsx').expect(404);
    await agent.head('/staff/audit/log.csv').expect(405);
  });
});
