import { expect, test } from 'vitest';
import { eventually, flags, post, posts, setUp, titles } from './support/board';

const board = setUp();
const page_of = (number: number) =>
    board
        .query(`SELECT title FROM post ORDER BY update_ts DESC, id DESC LIMIT 15 OFFSET ${(number - 1) * 15}`)
        .map((row) => row['title'] as string);

test('the newest 15 posts are shown, newest first', async () => {
    expect(await titles(board.page)).toEqual(page_of(1));
});

test('a post shows its author, its time without microseconds, its flags and who flagged', async () => {
    const [newest] = board.query(`SELECT post.*, username FROM post JOIN user ON user.id = post.user_id
        WHERE (SELECT count(*) FROM flag WHERE post_id = post.id) > 2 ORDER BY update_ts DESC LIMIT 1`);
    const article = post(board.page, newest!['title'] as string);
    expect(await article.locator('.byline').textContent()).toContain(newest!['username']);
    expect(await article.locator('time').getAttribute('datetime')).toBe(
        (newest!['update_ts'] as string).replace(' ', 'T').replace(/\.\d+$/, 'Z'),
    );
    const expected = board
        .query(
            `SELECT message, username FROM flag JOIN user ON user.id = flag.user_id WHERE post_id = ${newest!['id']} ORDER BY flag.id`,
        )
        .map((row) => `⚑ ${row['message']} ${row['username']}`);
    const shown = (await flags(article).locator('p').allTextContents()).map((text) => text.trim());
    expect(shown.sort()).toEqual(expected.sort());
});

test('a post without flags says so', async () => {
    const [row] = board.query(`SELECT title FROM (SELECT * FROM post ORDER BY update_ts DESC LIMIT 15) AS newest
        WHERE NOT EXISTS (SELECT 1 FROM flag WHERE post_id = newest.id) LIMIT 1`);
    await post(board.page, row!['title'] as string).getByText('No flags.').waitFor();
});

test('a long body is cut, and read on demand to its last character', async () => {
    const article = post(board.page, 'The blackbird diary');
    expect(await article.getByText('Hello, Jürgen. 🐦').isVisible()).toBe(false);
    await article.getByText('Read all').click();
    await article.getByText('Hello, Jürgen. 🐦').waitFor();
});

test('paging leads to the next, last, previous and first page', async () => {
    const pages = board.page.getByRole('navigation', { name: 'Pages of posts' });
    const go = async (button: string, number: number) => {
        await pages.getByRole('button', { name: button }).click();
        await pages.getByText(`page ${number} of 14`).waitFor();
        await eventually(() => titles(board.page), page_of(number));
    };
    await pages.getByText('page 1 of 14').waitFor();
    await go('Next page', 2);
    await go('Next page', 3);
    await go('Last page', 14);
    expect(await posts(board.page).count()).toBe(5);
    await go('Previous page', 13);
    await go('First page', 1);
});

test('there is nothing before the first page', async () => {
    const pages = board.page.getByRole('navigation', { name: 'Pages of posts' });
    for (const name of ['First page', 'Previous page'])
        expect(await pages.getByRole('button', { name }).getAttribute('aria-disabled')).toBe('true');
    await pages.getByRole('button', { name: 'Previous page' }).click({ force: true });
    expect(await pages.locator('span').textContent()).toBe('page 1 of 14');
});
