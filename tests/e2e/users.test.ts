import { expect, test } from 'vitest';
import type { Locator } from 'playwright-core';
import { eventually, notice, search, setUp, sql, usernames, users } from './support/board';

const board = setUp();
const stored = (username: string) => board.query(`SELECT username, email FROM user WHERE username = ${sql(username)}`);
const all_users = () => board.value('SELECT count(*) FROM user');

async function addUser(username: string, email: string): Promise<Locator> {
    const form = board.page.getByRole('form', { name: 'Add a user' });
    if (!(await form.isVisible())) await board.page.getByText('Add a user', { exact: true }).click();
    await form.getByLabel('Name').fill(username);
    await form.getByLabel('E-mail').fill(email);
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    return form;
}

async function changeEmail(username: string, email: string): Promise<Locator> {
    await users(board.page).getByRole('button', { name: `Change the e-mail address of ${username}` }).click();
    const dialog = board.page.getByRole('dialog', { name: 'Change the e-mail address' });
    await dialog.getByLabel(`Of ${username}`).fill(email);
    await dialog.getByRole('button', { name: 'Save' }).click();
    return dialog;
}

async function removeUser(username: string, button: string): Promise<Locator> {
    await users(board.page).getByRole('button', { name: `Remove ${username}`, exact: true }).click();
    const dialog = board.page.getByRole('dialog', { name: `Remove ${username}?` });
    await dialog.getByRole('button', { name: button }).click();
    return dialog;
}

test('all users are shown by name before anything is searched', async () => {
    const expected = board.query('SELECT username FROM user ORDER BY username').map((row) => row['username']);
    await eventually(() => usernames(board.page), expected);
});

test('the search shows the users whose name contains the text, while one types', async () => {
    await board.page.getByRole('searchbox').pressSequentially('olga', { delay: 30 });
    await eventually(() => usernames(board.page), ['Olga Petrova']);
    await search(board.page, 'Ольга');
    await eventually(() => usernames(board.page), ['Ольга Иванова']);
    await search(board.page, "d'an");
    await eventually(() => usernames(board.page), ["Chloë D'Angelo"]);
    await search(board.page, '%');
    await board.page.getByText('Nobody’s name contains %').waitFor();
    await search(board.page, '');
    await eventually(() => users(board.page).count(), 40);
});

test('an e-mail address is changed, stored and shown', async () => {
    await (await changeEmail('Ana Lima', 'ana@new.example.org')).waitFor({ state: 'hidden' });
    expect(stored('Ana Lima')).toEqual([{ username: 'Ana Lima', email: 'ana@new.example.org' }]);
    await users(board.page).getByText('ana@new.example.org').waitFor();
});

test('an invalid e-mail address is refused beside its field, and changes nothing', async () => {
    const before = board.everything();
    const dialog = await changeEmail('Ana Lima', 'ana@nowhere');
    await dialog.getByText('This is not an e-mail address like ana@example.org.').waitFor();
    expect(await dialog.getByLabel('Of Ana Lima').getAttribute('aria-invalid')).toBe('true');
    expect(board.everything()).toEqual(before);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await users(board.page).getByText('ana@new.example.org').waitFor();
});

test('a user is added, gets a number, and can be corrected at once', async () => {
    await addUser('  Wanda Wörle ', 'wanda@example.org');
    const form = board.page.getByRole('form', { name: 'Correct the new user' });
    await form.getByText('Added as number 41.').waitFor();
    expect(stored('Wanda Wörle')).toEqual([{ username: 'Wanda Wörle', email: 'wanda@example.org' }]);
    await eventually(() => users(board.page).count(), 41);

    await form.getByLabel('E-mail').fill('wanda@example.com');
    await form.getByRole('button', { name: 'Save' }).click();
    await users(board.page).getByText('wanda@example.com').waitFor();
    expect(stored('Wanda Wörle')).toEqual([{ username: 'Wanda Wörle', email: 'wanda@example.com' }]);
    await form.getByRole('button', { name: 'Add another' }).click();
});

test('a correction that breaks a rule changes nothing, also not what the server remembers', async () => {
    await addUser('Xaver Zwei', 'xaver@example.org');
    const form = board.page.getByRole('form', { name: 'Correct the new user' });
    await form.getByLabel('Name').fill('Ana Lima');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('There is already a user of this name.').waitFor();
    expect(stored('Xaver Zwei')).toHaveLength(1);
    await board.page.reload();
    expect(await form.getByLabel('Name').inputValue()).toBe('Xaver Zwei');
    await form.getByRole('button', { name: 'Add another' }).click();
});

test('a name that is taken is refused beside its field, and changes nothing', async () => {
    const before = board.everything();
    const form = await addUser("Chloë D'Angelo", 'another@example.org');
    await form.getByText('There is already a user of this name.').waitFor();
    expect(await form.getByLabel('Name').getAttribute('aria-invalid')).toBe('true');
    expect(await form.getByLabel('E-mail').inputValue()).toBe('another@example.org');
    expect(board.everything()).toEqual(before);
});

test('a search that finds nobody offers to add a user of that name', async () => {
    await search(board.page, 'Erika Mustermann');
    const form = board.page.getByRole('form', { name: 'Add the user you searched for' });
    await form.getByLabel('E-mail').fill('erika@example.org');
    await form.getByRole('button', { name: 'Add Erika Mustermann' }).click();
    await eventually(() => usernames(board.page), ['Erika Mustermann']);
    expect(stored('Erika Mustermann')).toEqual([{ username: 'Erika Mustermann', email: 'erika@example.org' }]);
    await search(board.page, '');
});

test('a user who left nothing behind is removed', async () => {
    const before = all_users() as number;
    await (await removeUser('Quiet Reader', 'Remove the user')).waitFor({ state: 'hidden' });
    expect(stored('Quiet Reader')).toEqual([]);
    expect(all_users()).toBe(before - 1);
    await eventually(() => users(board.page).filter({ hasText: 'Quiet Reader' }).count(), 0);
});

test('who has posts or flags is removed only with everything, after being told how much it is', async () => {
    const [left] = board.query(`SELECT id, (SELECT count(*) FROM post WHERE user_id = user.id) AS posts,
        (SELECT count(*) FROM flag WHERE user_id = user.id) AS flags FROM user WHERE username = 'Priya Sharma'`);
    await users(board.page).getByRole('button', { name: 'Remove Priya Sharma', exact: true }).click();
    const dialog = board.page.getByRole('dialog', { name: 'Remove Priya Sharma?' });
    await dialog.getByText(`${left!['posts']} posts`).waitFor();
    await dialog.getByText(`${left!['flags']} flags`, { exact: true }).waitFor();
    expect(await dialog.getByRole('button', { name: 'Remove the user' }).count()).toBe(0);
    await dialog.getByRole('button', { name: 'Keep the user' }).click();
    expect(stored('Priya Sharma')).toHaveLength(1);

    const doomed = `user_id = ${left!['id']} OR post_id IN (SELECT id FROM post WHERE user_id = ${left!['id']})`;
    const flags = board.query(`SELECT id FROM flag WHERE NOT (${doomed}) ORDER BY id`);
    await (await removeUser('Priya Sharma', 'Remove with everything')).waitFor({ state: 'hidden' });
    expect(stored('Priya Sharma')).toEqual([]);
    expect(board.value(`SELECT count(*) FROM post WHERE user_id = ${left!['id']}`)).toBe(0);
    expect(board.query('SELECT id FROM flag ORDER BY id')).toEqual(flags);
    expect(await notice(board.page).textContent()).toContain(`Removed Priya Sharma with ${left!['posts']} post`);
});

test('the user one acts as can be removed; then another one has to be chosen', async () => {
    const acting = board.page.getByRole('combobox', { name: 'Acting as' });
    await acting.selectOption('Yuki Just-Arrived');
    await (await removeUser('Yuki Just-Arrived', 'Remove the user')).waitFor({ state: 'hidden' });
    await eventually(() => acting.evaluate((select: HTMLSelectElement) => select.selectedOptions[0]?.text), 'Choose a user');
    await acting.selectOption('Mei Lin');
});
