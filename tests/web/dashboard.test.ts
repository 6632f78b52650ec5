import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Express } from 'express';
import request from 'supertest';
import { createApp } from '../../src/app';
import { JobModel } from '../../src/jobs/job.model';
import { person, signIn } from '../accounts/browser';
import { emptyStore, useStore } from '../support/store';
import { testServices } from './app';

useStore();
const services = testServices();
let app: Express;
beforeAll(() => {
  app = createApp(services);
});

/** What the worker can do, by its table of handlers. */
function kindsOfWork(): string[] {
  const source = readFileSync(join(__dirname, '../../src/worker.ts'), 'utf8');
  const [, table = ''] = /handlers: \{([\s\S]*?)\n {4}\},/.exec(source) ?? [];
  return [...table.matchAll(/^ {6}'?([a-z-]+)'?: /gm)].map(([, kind = '']) => kind);
}

test('whatever was given up is told in words; what always waits is no news', async () => {
  await emptyStore();
  const kinds = kindsOfWork();
  expect(kinds).toEqual(expect.arrayContaining(['deliver', 'follow-up', 'erase', 'digest', 'hand-over']));
  const row = { queue: '/', payload: {}, dueAt: new Date('2126-01-01'), attempts: 0, firstAt: new Date() };
  const rows = kinds.flatMap((kind, n) =>
    (['due', 'failed'] as const).flatMap((state) =>
      Array.from({ length: n + 2 }, (_, i) => ({
        ...row,
        _id: `${kind}:${state} ${i}`,
        kind,
        key: `${state} ${i}`,
        state,
      })),
    ),
  );
  await JobModel.insertMany(rows);
  const agent = request.agent(app);
  await signIn(agent, await person('admin'));
  const { text } = await agent.get('/staff');
  const line = (start: string) => new RegExp(`${start}: ([^<]*)`).exec(text)?.[1]?.split(' · ') ?? [];
  const counts = (words: string[]) => words.map((one) => Number.parseInt(one, 10)).sort((a, b) => a - b);
  const all = kinds.map((_, n) => n + 2);
  expect(counts(line('Given up'))).toEqual(all);
  const endless = ['digest', 'hand-over'].map((kind) => kinds.indexOf(kind) + 2);
  expect(counts(line('Waiting to be done'))).toEqual(all.filter((count) => !endless.includes(count)));
});
