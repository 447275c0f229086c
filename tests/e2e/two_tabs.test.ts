import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { eventually, flagPost, flags, notice, openFlagDialog, post, search, setUp, sql, titles, users } from './support/board';

const board = setUp();
const twoTabs = async () => [board.page, await board.browser.openBeside(board.page)] as const;

test('two tabs flag the same post at once, and both flags are stored', async () => {
    const [one, two] = await twoTabs();
    const title = (await titles(one))[0]!;
    const before = board.value(`SELECT count(*) FROM flag`) as number;
    await two.getByRole('combobox', { name: 'Acting as' }).selectOption('Grace Kim');
    await Promise.all([flagPost(one, title, 'from tab one'), flagPost(two, title, 'from tab two')]);
    expect(board.value('SELECT count(*) FROM flag')).toBe(before + 2);
    expect(board.query(`SELECT message FROM flag WHERE message LIKE 'from tab%' ORDER BY message`)).toEqual([
        { message: 'from tab one' },
        { message: 'from tab two' },
    ]);
    await two.close();
});

test('many events of two tabs at once lose nothing', async () => {
    const [one, two] = await twoTabs();
    const shown = await titles(one);
    for (let round = 0; round < 5; ++round) {
        await Promise.all([
            flagPost(one, shown[round]!, `round ${round} one`),
            flagPost(two, shown[round]!, `round ${round} two`),
        ]);
    }
    expect(board.value(`SELECT count(*) FROM flag WHERE message LIKE 'round%'`)).toBe(10);
    await two.close();
});

test('each tab has its own search, page and acting user', async () => {
    const [one, two] = await twoTabs();
    await search(two, 'Zoë');
    await eventually(() => users(two).count(), 1);
    await two.getByRole('button', { name: 'Next page' }).click();
    await two.getByText('page 2 of 14').waitFor();
    expect(await users(one).count()).toBe(40);
    expect(await one.getByText('page 1 of 14').isVisible()).toBe(true);
    await two.close();
});

test('a tab sees the work of another one with its next event', async () => {
    const [one, two] = await twoTabs();
    const title = (await titles(one))[5]!;
    await flagPost(two, title, 'seen later');
    expect(await flags(post(one, title)).getByText('seen later').count()).toBe(0);
    await one.getByRole('button', { name: 'Refresh' }).click();
    await flags(post(one, title)).getByText('seen later').waitFor();
    await two.close();
});

test('removing a flag that another tab has removed says so, and shows what is left', async () => {
    const [one, two] = await twoTabs();
    const title = (await titles(one))[6]!;
    await flagPost(one, title, 'only once');
    await two.getByRole('button', { name: 'Refresh' }).click();
    const flag = (page: Page) => flags(post(page, title)).filter({ hasText: 'only once' });
    for (const page of [two, one]) {
        await flag(page).getByRole('button').click();
        const dialog = page.getByRole('dialog', { name: 'Remove this flag?' });
        await dialog.getByRole('button', { name: 'Remove the flag' }).click();
        await dialog.waitFor({ state: 'hidden' });
    }
    await eventually(() => notice(one).textContent(), 'Somebody else has already removed this flag.');
    expect(await flag(one).count()).toBe(0);
    await two.close();
});

test('flagging a post that another tab has removed says so, and stores nothing', async () => {
    const [one, two] = await twoTabs();
    const [row] = board.query('SELECT title, username FROM post JOIN user ON user.id = post.user_id ORDER BY update_ts DESC LIMIT 1');
    const [title, author] = [row!['title'] as string, row!['username'] as string];
    const dialog = await openFlagDialog(one, title);
    await users(two).getByRole('button', { name: `Remove ${author}`, exact: true }).click();
    await two.getByRole('button', { name: 'Remove with everything' }).click();
    await two.getByRole('dialog').waitFor({ state: 'hidden' });
    await dialog.getByLabel('What is wrong with it?').fill('too late');
    await dialog.getByRole('button', { name: 'Flag', exact: true }).click();
    await eventually(() => notice(one).textContent(), 'Somebody else has removed this post: there is nothing to flag.');
    expect(board.query(`SELECT * FROM flag WHERE message = 'too late'`)).toEqual([]);
    expect(await post(one, title).count()).toBe(0);
    await two.close();
});

test('changing or removing a user whom another tab has removed says so', async () => {
    const [one, two] = await twoTabs();
    await users(two).getByRole('button', { name: 'Remove Quiet Reader', exact: true }).click();
    await two.getByRole('button', { name: 'Remove the user' }).click();
    await two.getByRole('dialog').waitFor({ state: 'hidden' });

    await users(one).getByRole('button', { name: 'Change the e-mail address of Quiet Reader' }).click();
    const dialog = one.getByRole('dialog', { name: 'Change the e-mail address' });
    await dialog.getByLabel('Of Quiet Reader').fill('quiet@example.net');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('There is no such user any more').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    await users(one).getByRole('button', { name: 'Remove Quiet Reader', exact: true }).click();
    await one.getByRole('button', { name: 'Remove the user' }).click();
    await eventually(() => notice(one).textContent(), 'Somebody else has already removed Quiet Reader.');
    expect(board.query(`SELECT * FROM user WHERE username = ${sql('Quiet Reader')}`)).toEqual([]);
    await two.close();
});
