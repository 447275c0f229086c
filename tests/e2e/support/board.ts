/** The page in the words of its users. */
import { afterAll, beforeAll, expect } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { TestBrowser } from './browser';
import { everything, query, value, type Row } from './database';
import { ModerationServer } from './server';

/** What each test file has for itself: a server on a fresh database, a browser, and a first tab. */
export class Setup {
    server!: ModerationServer;
    browser!: TestBrowser;
    page!: Page;

    query(sql: string): Row[] {
        return query(this.server.database_file, sql);
    }
    value(sql: string): string | number | null {
        return value(this.server.database_file, sql);
    }
    everything(): Row[][] {
        return everything(this.server.database_file);
    }
}

/** Brings everything up before a file's tests, and down after them: then no page may have complained. */
export function setUp(): Setup {
    const setup = new Setup();
    beforeAll(async () => {
        setup.server = await ModerationServer.start();
        setup.browser = await TestBrowser.launch(setup.server.url);
        setup.page = await setup.browser.open();
    });
    afterAll(async () => {
        await setup.browser?.close();
        await setup.server?.dispose();
        expect(setup.browser?.complaints ?? []).toEqual([]);
    });
    return setup;
}

export function posts(page: Page): Locator {
    return page.getByRole('region', { name: /^Posts/ }).getByRole('article');
}
export function post(page: Page, title: string): Locator {
    return page.getByRole('article', { name: title, exact: true });
}
export async function titles(page: Page): Promise<string[]> {
    return posts(page).getByRole('heading').allTextContents();
}
export function flags(article: Locator): Locator {
    return article.getByRole('listitem');
}
export function users(page: Page): Locator {
    return page.getByRole('list', { name: 'Users found' }).getByRole('listitem');
}
export async function usernames(page: Page): Promise<string[]> {
    return users(page).locator('strong').allTextContents();
}
export function notice(page: Page): Locator {
    return page.locator('.notice span');
}

/** Waits until `read` gives what is expected, as a patient user would. */
export async function eventually<T>(read: () => Promise<T> | T, expected: T): Promise<void> {
    await expect.poll(read, { timeout: 10_000, interval: 25 }).toEqual(expected);
}

/** Opens the dialog that flags a post. */
export async function openFlagDialog(page: Page, title: string): Promise<Locator> {
    await post(page, title).getByRole('button', { name: `Flag ${title}` }).click();
    const dialog = page.getByRole('dialog', { name: 'Flag a post' });
    await dialog.getByText(title, { exact: true }).waitFor();
    return dialog;
}

export async function flagPost(page: Page, title: string, message: string): Promise<void> {
    const dialog = await openFlagDialog(page, title);
    await dialog.getByLabel('What is wrong with it?').fill(message);
    await dialog.getByRole('button', { name: 'Flag', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
}

export async function search(page: Page, part: string): Promise<void> {
    await page.getByRole('searchbox', { name: 'Search users by name' }).fill(part);
}

/** Quotes a text for SQL. */
export function sql(text: string): string {
    return `'${text.replaceAll("'", "''")}'`;
}
