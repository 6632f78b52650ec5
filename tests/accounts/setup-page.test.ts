import { setupTokenForFirstAdmin } from '../../src/accounts/accounts';
import { tokenIn } from '../web/app';
import { PASSWORD, send, signIn, usePeople } from './browser';

const { services, browser } = usePeople();

const firstLink = async (): Promise<string> => `/setup/${await setupTokenForFirstAdmin(services.clock.now)}`;

describe('the page of a set-up link', () => {
  test('makes the first administrator and signs them in, once', async () => {
    const path = await firstLink();
    const agent = browser();
    const form = await agent.get(path);
    expect(form.status).toBe(200);
    expect(form.headers['cache-control']).toBe('no-store');
    const typed = { _csrf: tokenIn(form.text), email: 'ada@doors.example', name: 'Ada Harrow', password: PASSWORD };
    const answer = await agent.post(path).type('form').send(typed);
    expect([answer.status, answer.headers['location']]).toEqual([303, '/staff']);
    expect((await agent.get('/staff')).text).toBe('for staff');
    expect((await agent.get(path)).status).toBe(410);
    expect((await signIn(browser(), 'ada@doors.example')).status).toBe(303);
  });

  test.each([
    [{ email: 'ada@doors.example', password: 'short' }, 'password', 'A password takes 12 characters or more.'],
    [{ email: 'ada', password: PASSWORD }, 'email', 'That is not an e-mail address.'],
  ])('with a mistake keeps what was typed, save the password, and says how to mend it', async (typed, field, words) => {
    const path = await firstLink();
    const agent = browser();
    const answer = await send(agent, path, { name: 'Ada & Co', ...typed });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(words);
    expect(answer.text).toContain(`<a href="#${field}">`);
    expect(answer.text).toContain(`id="${field}-error"`);
    expect(answer.text).toContain(`value="${typed.email}"`);
    expect(answer.text).toContain('value="Ada &amp; Co"');
    expect(answer.text).not.toContain(typed.password);
  });

  test.each(['x', 'undefined', '%24ne', 'a'.repeat(4000)])('is 404 for /setup/%s', async (token) => {
    expect((await browser().get(`/setup/${token}`)).status).toBe(404);
  });

  test('takes a form of its own session only', async () => {
    const path = await firstLink();
    const theirs = tokenIn((await browser().get(path)).text);
    const eve = browser();
    await eve.get(path);
    const typed = { _csrf: theirs, email: 'eve@evil.example', password: PASSWORD };
    expect((await eve.post(path).type('form').send(typed)).status).toBe(403);
    expect((await browser().post(path).type('form').send(typed)).status).toBe(403);
  });
});
