import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { eventually, post, setUp, titles } from './support/board';
import { TestBrowser } from './support/browser';

const board = setUp();

test('the page is served with a strict content security policy', async () => {
    const response = await board.page.request.get(board.server.url);
    const policy = response.headers()['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*/);
});

test('a style or script from within the page would be a complaint: the tests would notice', async () => {
    const page = await board.browser.open();
    const before = board.browser.complaints.length;
    await page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'document.title = "taken over"';
        document.head.append(script);
    });
    await eventually(() => board.browser.complaints.length, before + 1);
    expect(await page.title()).toBe('Moderation board');
    board.browser.complaints.length = before;
    await page.close();
});

async function press(page: Page, key: string, times = 1): Promise<void> {
    for (let i = 0; i < times; ++i) await page.keyboard.press(key);
}
const focused = (page: Page) =>
    page.evaluate(() => {
        const element = document.activeElement;
        return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
    });

test('a post is flagged with the keyboard alone', async () => {
    const page = await board.browser.open();
    const title = (await titles(page))[0]!;
    await press(page, 'Tab');
    expect(await focused(page)).toBe('Skip to the posts');
    await press(page, 'Enter');
    for (let i = 0; i < 30 && (await focused(page)) !== `Flag ${title}`; ++i) await press(page, 'Tab');
    expect(await focused(page)).toBe(`Flag ${title}`);
    await press(page, 'Enter');
    await page.getByRole('dialog', { name: 'Flag a post' }).waitFor();
    await page.keyboard.type('by keyboard');
    await press(page, 'Tab');
    expect(await focused(page)).toBe('Flag');
    await press(page, 'Enter');
    await post(page, title).getByText('by keyboard').waitFor();
    expect(board.value(`SELECT count(*) FROM flag WHERE message = 'by keyboard'`)).toBe(1);
    // The dialog is closed, and the focus is where it was.
    await eventually(() => focused(page), `Flag ${title}`);
    await page.close();
});

test('Escape closes a dialog and nothing has happened', async () => {
    const page = await board.browser.open();
    const before = board.everything();
    await page.getByRole('button', { name: 'Remove Ana Lima', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove Ana Lima?' });
    await dialog.waitFor();
    // The careful choice has the focus.
    expect(await focused(page)).toBe('Keep the user');
    await press(page, 'Escape');
    await dialog.waitFor({ state: 'hidden' });
    expect(board.everything()).toEqual(before);
    await page.close();
});

test('every control has a name', async () => {
    const nameless = await board.page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('button, input:not([type=hidden]), select, textarea, a, summary')]
            .filter((element) => {
                const labels = 'labels' in element ? [...((element.labels as NodeListOf<Element> | null) ?? [])] : [];
                const names = [element.getAttribute('aria-label'), element.textContent, ...labels.map((label) => label.textContent)];
                return names.every((name) => !name?.trim());
            })
            .map((element) => element.outerHTML),
    );
    expect(nameless).toEqual([]);
});

test('ids are unique, and what refers to an id finds it', async () => {
    const problems = await board.page.evaluate(() => {
        const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
        const wanted = [...document.querySelectorAll('[aria-labelledby], [aria-describedby]')].flatMap((element) =>
            [element.getAttribute('aria-labelledby'), element.getAttribute('aria-describedby')].filter((id) => id !== null),
        );
        return [...ids.filter((id, i) => ids.indexOf(id) !== i), ...wanted.filter((id) => !ids.includes(id))];
    });
    expect(problems).toEqual([]);
});

for (const width of [320, 360, 768])
    test(`nothing is wider than a window of ${width} pixels`, async () => {
        const phone = await TestBrowser.launch(board.server.url, { viewport: { width, height: 740 } });
        try {
            const page = await phone.open();
            for (const summary of await page.locator('summary').all()) await summary.click();
            const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
            expect(await overflow()).toBeLessThanOrEqual(0);
            await page.getByRole('button', { name: /^Flag / }).first().click();
            await page.getByRole('dialog', { name: 'Flag a post' }).waitFor();
            expect(await overflow()).toBeLessThanOrEqual(0);
            expect(phone.complaints).toEqual([]);
        } finally {
            await phone.close();
        }
    });
