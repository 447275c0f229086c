import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { flagPost, titles } from './support/board';
import { TestBrowser } from './support/browser';
import { everything, query, value } from './support/database';
import { ModerationServer } from './support/server';

let server: ModerationServer;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
    server = await ModerationServer.start();
    browser = await TestBrowser.launch(server.url);
    page = await browser.open();
});
afterAll(async () => {
    await browser?.close();
    await server?.dispose();
    // While the server is gone, the browser itself reports the refused connections.
    expect(browser.complaints.filter((text) => !/ERR_CONNECTION_REFUSED|WebSocket connection to/.test(text))).toEqual([]);
});

test('what was done before a kill is in the database after it', async () => {
    const title = (await titles(page))[0]!;
    await flagPost(page, title, 'just before the end');
    await server.end('SIGKILL');
    expect(query(server.database_file, `SELECT title FROM post JOIN flag ON post.id = post_id WHERE message = 'just before the end'`)).toEqual([{ title }]);
});

test('while the server is gone, the page says so and keeps what it shows', async () => {
    await page.getByText('The connection is lost.').waitFor();
    expect(await titles(page)).toHaveLength(15);
});

test('when the server is back, the page finds it by itself and works again', async () => {
    await server.start();
    await page.getByText('The connection is lost.').waitFor({ state: 'detached' });
    await page.getByText('just before the end').waitFor();
    const title = (await titles(page))[1]!;
    await flagPost(page, title, 'after the restart');
    expect(value(server.database_file, `SELECT count(*) FROM flag WHERE message = 'after the restart'`)).toBe(1);
});

test('the sample data is not made a second time', () => {
    expect(value(server.database_file, 'SELECT count(*) FROM post')).toBe(200);
});

test('an orderly stop ends with exit code 0, and the page comes back after it too', async () => {
    expect(await server.end('SIGTERM')).toBe(0);
    await page.getByText('The connection is lost.').waitFor();
    await server.start();
    await page.getByText('The connection is lost.').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.getByText('page 2 of 14').waitFor();
});

test('an event called while the server is away runs when it is back', async () => {
    await server.end('SIGTERM');
    await page.getByText('The connection is lost.').waitFor();
    await page.getByRole('button', { name: 'Last page' }).click();
    expect(await page.getByRole('navigation', { name: 'Pages of posts' }).getAttribute('aria-busy')).toBe('true');
    await server.start();
    await page.getByText('page 14 of 14').waitFor();
});

test('two fresh databases have equal contents', async () => {
    const [one, two] = [await ModerationServer.start(), await ModerationServer.start()];
    const contents = [one, two].map((each) => everything(each.database_file));
    await Promise.all([one.dispose(), two.dispose()]);
    expect(contents[0]).toEqual(contents[1]);
    expect(contents[0]!.map((rows) => rows.length)).toEqual([40, 200, 600]);
});
