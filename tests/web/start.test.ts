import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gatefold, startServer, type TestServer } from '../support/server';

/** A start that fails ends the process, so that whoever supervises it can begin another. */
jest.setTimeout(120_000);

let server: TestServer;
beforeAll(async () => {
  server = await startServer({}, ['--no-worker']);
  await server.stop();
});
afterAll(() => server.cleanUp());

test('what fails after the port was taken ends the process with the reason, and frees the port', async () => {
  const link = join(server.dataDir, 'setup-link.txt');
  // Its first start may have been stopped before it came to write it.
  rmSync(link, { force: true });
  mkdirSync(join(link, 'in the way'), { recursive: true });
  const { status, stderr } = await gatefold(['serve', '--no-worker'], server.env);
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('setup-link.txt') });

  rmSync(link, { recursive: true });
  await server.restart();
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
});
