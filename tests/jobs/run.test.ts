import { setTimeout as pause } from 'node:timers/promises';
import mongoose from 'mongoose';
import { find, type Handler, type Outcome, startJobs, type Workers, want } from '../../src/jobs/jobs';
import { readLimits } from '../../src/limits';
import { emptyStore, useStore } from '../support/store';

useStore();

const started: Workers[] = [];
const errors: string[] = [];

beforeEach(async () => {
  await emptyStore();
  errors.length = 0;
});
afterEach(async () => {
  jest.useRealTimers();
  await Promise.all(started.splice(0).map((workers) => workers.stop()));
});

function start(
  handlers: Record<string, Handler>,
  {
    env,
    ...more
  }: {
    sweep?: () => Promise<boolean>;
    env?: Record<string, string>;
    pools?: { kinds: string[]; atOnce(): number }[];
  } = {},
): Workers {
  const log = { error: (detail: object, text: string) => void errors.push(`${text} ${JSON.stringify(detail)}`) };
  const workers = startJobs({ handlers, limits: readLimits(env ?? {}), log, ...more });
  started.push(workers);
  return workers;
}

async function until(what: string, ask: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await pause(5)) if (await ask()) return;
  throw new Error(`waited in vain: ${what}`);
}

const stateOf = async (key: string) => (await find('work', key))?.state;
const done: Outcome = { state: 'done' };

/** A promise and what opens it. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

test('ten workers, two hundred jobs: each is done once', async () => {
  const keys = Array.from({ length: 200 }, (_, n) => `job-${n}`);
  await Promise.all(keys.map((key) => want({ kind: 'work', key, payload: { key } })));
  const worked: string[] = [];
  const handler: Handler = async ({ payload }) => {
    worked.push(String(payload['key']));
    return done;
  };
  for (let n = 0; n < 10; n += 1) start({ work: handler });
  await until('all of them', () => worked.length >= keys.length);
  await Promise.all(started.splice(0).map((workers) => workers.stop()));
  expect(worked.sort()).toEqual([...keys].sort());
  expect(await mongoose.connection.collection('jobs').countDocuments({ state: 'done' })).toBe(200);
}, 60_000);

test('a job asked for while the worker sleeps is done at the nudge', async () => {
  const seen = gate();
  const looked: number[] = [];
  const workers = start(
    {
      work: async () => {
        seen.open();
        return done;
      },
    },
    { sweep: async () => looked.push(Date.now()) < 0 },
  );
  await until('the first look', () => looked.length > 0);
  await want({ kind: 'work', key: 'a' });
  workers.nudge();
  await seen.opened;
  await until('done', async () => (await stateOf('a')) === 'done');
});

test('ten idle workers ask the store one thing each at a look, and not more', async () => {
  let commands = 0;
  const counted = ({ commandName }: { commandName: string }) => {
    if (!['hello', 'endSessions'].includes(commandName)) commands += 1;
  };
  await want({ kind: 'work', key: 'tomorrow', dueAt: new Date(Date.now() + 86_400_000) });
  const handler: Handler = async () => done;
  for (let n = 0; n < 10; n += 1) start({ work: handler, other: handler, third: handler });
  // Who has just begun asks sooner; that is over after twice the look.
  await pause(2000);
  mongoose.connection.getClient().on('commandStarted', counted);
  await pause(2000);
  mongoose.connection.getClient().off('commandStarted', counted);
  expect(commands).toBeGreaterThanOrEqual(10);
  expect(commands).toBeLessThanOrEqual(20);
});

test('a handler that throws is asked again with growing pauses, each counted', async () => {
  await want({ kind: 'work', key: 'a' });
  const before = Date.now();
  start({
    work: async () => {
      throw new Error('out of ink');
    },
  });
  await until('one attempt', async () => (await find('work', 'a'))?.attempts === 1);
  const job = await find('work', 'a');
  expect(job).toMatchObject({ state: 'due', reason: 'out of ink' });
  expect(Number(job?.dueAt) - before).toBeGreaterThanOrEqual(5000);
  expect(Number(job?.dueAt) - before).toBeLessThan(15_000);
  expect(errors.join()).toContain('out of ink');
});

test('an outcome is recorded as it is said', async () => {
  const at = new Date(Date.now() + 3_600_000);
  const outcomes: Record<string, Outcome> = {
    unreachable: { state: 'again', at, reason: 'down', counts: false },
    counted: { state: 'again', at, reason: '450', counts: true },
    failed: { state: 'failed', reason: '550' },
    done,
  };
  for (const key of Object.keys(outcomes)) await want({ kind: 'work', key });
  start({ work: async ({ key }) => outcomes[key] ?? done });
  await until('all recorded', async () => (await stateOf('done')) === 'done' && (await stateOf('failed')) === 'failed');
  await until('postponed', async () => (await find('work', 'counted'))?.attempts === 1);
  expect(await find('work', 'unreachable')).toMatchObject({ state: 'due', attempts: 0, dueAt: at, reason: 'down' });
  expect(await find('work', 'counted')).toMatchObject({ state: 'due', attempts: 1, dueAt: at, reason: '450' });
  expect(await find('work', 'failed')).toMatchObject({ state: 'failed', reason: '550' });
});

test('a sweep that fails stops nobody', async () => {
  await want({ kind: 'work', key: 'a' });
  start(
    { work: async () => done },
    {
      sweep: async () => {
        throw new Error('a poisoned row');
      },
    },
  );
  await until('done', async () => (await stateOf('a')) === 'done');
  expect(errors.join()).toContain('a poisoned row');
});

test('kinds of another worker are left to it', async () => {
  await want({ kind: 'other', key: 'a' });
  await want({ kind: 'work', key: 'a' });
  start({ work: async () => done });
  await until('done', async () => (await stateOf('a')) === 'done');
  expect(await find('other', 'a')).toMatchObject({ state: 'due', attempts: 0 });
});

test('stop claims nothing more and waits for what is being done', async () => {
  await want({ kind: 'work', key: 'first' });
  const [begun, end] = [gate(), gate()];
  const workers = start(
    {
      work: async () => {
        begun.open();
        await end.opened;
        return done;
      },
    },
    { env: { JOBS_AT_ONCE: '1' } },
  );
  await begun.opened;
  await want({ kind: 'work', key: 'second' });
  const stopped = workers.stop();
  end.open();
  await stopped;
  expect(await stateOf('first')).toBe('done');
  const left = await find('work', 'second');
  expect(left).toMatchObject({ state: 'due' });
  expect(left).not.toHaveProperty('lease');
});

describe('heartbeat', () => {
  /** Only the heartbeat's clock is ours; the store's driver keeps its own. */
  function holdHeartbeat(): void {
    jest.useFakeTimers({
      doNotFake: [
        'Date',
        'hrtime',
        'nextTick',
        'performance',
        'queueMicrotask',
        'setImmediate',
        'clearImmediate',
        'setTimeout',
        'clearTimeout',
      ],
    });
  }

  async function startLong(): Promise<{ signal: () => AbortSignal; end: () => void }> {
    await want({ kind: 'work', key: 'long' });
    const [begun, end] = [gate(), gate()];
    let given = new AbortController().signal;
    start({
      work: async (_job, signal) => {
        given = signal;
        begun.open();
        await end.opened;
        return done;
      },
    });
    await begun.opened;
    return { signal: () => given, end: end.open };
  }

  test('keeps the claim of a long job', async () => {
    holdHeartbeat();
    const { signal, end } = await startLong();
    const claimedTo = Number((await find('work', 'long'))?.dueAt);
    await until('another millisecond', () => Date.now() > claimedTo - 10_000);
    jest.advanceTimersByTime(3400);
    await until('renewed', async () => Number((await find('work', 'long'))?.dueAt) > claimedTo);
    expect(signal().aborted).toBe(false);
    end();
    await until('done', async () => (await stateOf('long')) === 'done');
  });

  test('tells the handler when the claim is somebody else’s, and then says nothing about the job', async () => {
    holdHeartbeat();
    const { signal, end } = await startLong();
    await mongoose.connection.collection('jobs').updateOne({}, { $set: { lease: 'another worker' } });
    jest.advanceTimersByTime(3400);
    await until('told', () => signal().aborted);
    end();
    await Promise.all(started.splice(0).map((workers) => workers.stop()));
    expect(await find('work', 'long')).toMatchObject({ state: 'due', lease: 'another worker' });
  });
});
