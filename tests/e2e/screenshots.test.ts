// Not checks but pictures: what the page looks like now, in build/screenshots/.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { notice, openFlagDialog, post, search, titles } from './support/board';
import { TestBrowser } from './support/browser';
import { ModerationServer } from './support/server';

const folder = fileURLToPath(new URL('../../build/screenshots/', import.meta.url));
let server: ModerationServer;

beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    server = await ModerationServer.start();
});
afterAll(async () => server?.dispose());

const looks = {
    light: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
    dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
    phone: { viewport: { width: 360, height: 740 }, colorScheme: 'light', deviceScaleFactor: 2 },
    'phone-dark': { viewport: { width: 360, height: 740 }, colorScheme: 'dark', deviceScaleFactor: 2 },
} as const;

test('the picture in the README of the app', async () => {
    const browser = await TestBrowser.launch(server.url, { viewport: { width: 1100, height: 720 }, colorScheme: 'light' });
    try {
        // Copied to apps/moderation/board.png when the page looks different.
        await (await browser.open()).screenshot({ path: `${folder}board.png` });
    } finally {
        await browser.close();
    }
});

for (const [look, options] of Object.entries(looks))
    test(`the board, ${look}`, async () => {
        const browser = await TestBrowser.launch(server.url, { ...options, reducedMotion: 'reduce' });
        try {
            const page = await browser.open();
            const shoot = (name: string) => page.screenshot({ path: `${folder}${look}-${name}.png` });
            await shoot('board');
            await flagDialog(page, shoot);
            await otherDialogs(page, shoot);
            await panels(page, shoot);
            expect(browser.complaints).toEqual([]);
        } finally {
            await browser.close();
        }
    });

type Shoot = (name: string) => Promise<unknown>;

async function flagDialog(page: Page, shoot: Shoot): Promise<void> {
    const title = (await titles(page))[0]!;
    const dialog = await openFlagDialog(page, title);
    await dialog.getByRole('textbox').fill('  ');
    await dialog.getByRole('button', { name: 'Flag', exact: true }).click();
    await dialog.getByText('Say what is wrong').waitFor();
    await shoot('flag-refused');
    await dialog.getByRole('textbox').fill('Already sold weeks ago');
    await dialog.getByRole('button', { name: 'Flag', exact: true }).click();
    await notice(page).waitFor();
    await post(page, title).getByText('Already sold weeks ago').first().waitFor();
    await shoot('flagged');
    await page.getByRole('button', { name: 'Dismiss the message' }).click();
}

async function otherDialogs(page: Page, shoot: Shoot): Promise<void> {
    await page.getByRole('button', { name: 'Remove Mei Lin', exact: true }).click();
    await page.getByText('has left behind').waitFor();
    await shoot('remove-user');
    await page.getByRole('button', { name: 'Keep the user' }).click();
    await page.getByRole('button', { name: 'Change the e-mail address of Mei Lin' }).click();
    await shoot('change-email');
    await page.keyboard.press('Escape');
}

async function panels(page: Page, shoot: Shoot): Promise<void> {
    await page.getByText('Add a user', { exact: true }).click();
    for (const summary of ['SELECT * FROM user', 'INSERT INTO user']) await page.getByText(summary).click();
    await page.locator('#users').scrollIntoViewIfNeeded();
    await page.getByRole('heading', { name: /^Users/ }).evaluate((heading) => heading.scrollIntoView());
    await shoot('panels');
    await search(page, 'nobody like that');
    await page.getByText('Nobody’s name').waitFor();
    await shoot('nobody-found');
}
