import { expect, test } from 'vitest';
import { eventually, flagPost, flags, notice, openFlagDialog, post, setUp, sql, titles } from './support/board';

const board = setUp();
const flags_of = (title: string) =>
    board.query(`SELECT message, username FROM flag JOIN post ON post.id = flag.post_id JOIN user ON user.id = flag.user_id
        WHERE title = ${sql(title)} ORDER BY flag.id`);

test('a flag is stored for the chosen post and the user one acts as, and shown', async () => {
    const title = (await titles(board.page))[1]!;
    const before = flags_of(title);
    await board.page.getByRole('combobox', { name: 'Acting as' }).selectOption('Zoë van Dijk');
    await flagPost(board.page, title, `  Isn't "fine" – 😡 <b>no</b>  `);
    const added = { message: `Isn't "fine" – 😡 <b>no</b>`, username: 'Zoë van Dijk' };
    expect(flags_of(title)).toEqual([...before, added]);
    await flags(post(board.page, title)).getByText(added.message).waitFor();
    await flags(post(board.page, title)).getByText('Zoë van Dijk').first().waitFor();
    expect(await notice(board.page).textContent()).toBe(`Flagged “${title}”.`);
});

test('somebody may flag their own post', async () => {
    const [row] = board.query(`SELECT title, username FROM post JOIN user ON user.id = post.user_id ORDER BY update_ts DESC LIMIT 1`);
    await board.page.getByRole('combobox', { name: 'Acting as' }).selectOption(row!['username'] as string);
    await flagPost(board.page, row!['title'] as string, 'I was wrong.');
    expect(flags_of(row!['title'] as string).at(-1)).toEqual({ message: 'I was wrong.', username: row!['username'] });
});

test('an empty message is refused beside its field, and changes neither page nor database', async () => {
    const title = (await titles(board.page))[2]!;
    const database = board.everything();
    const shown = await board.page.getByRole('main').innerText();
    const dialog = await openFlagDialog(board.page, title);
    const message = dialog.getByLabel('What is wrong with it?');
    // The browser itself refuses nothing at all, the server also blanks.
    await dialog.getByRole('button', { name: 'Flag', exact: true }).click();
    expect(await message.evaluate((field: HTMLTextAreaElement) => field.validity.valueMissing)).toBe(true);
    await message.fill('   ');
    await dialog.getByRole('button', { name: 'Flag', exact: true }).click();
    await dialog.getByText('Say what is wrong with this post.').waitFor();
    expect(await message.getAttribute('aria-invalid')).toBe('true');
    expect(board.everything()).toEqual(database);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(await board.page.getByRole('main').innerText()).toBe(shown);
});

test('the dialog forgets the error when it is opened for another post', async () => {
    const dialog = await openFlagDialog(board.page, (await titles(board.page))[3]!);
    await eventually(() => dialog.getByText('Say what is wrong with this post.').isVisible(), false);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
});

test('a message of 200 characters is stored, one of 201 is not', async () => {
    const title = (await titles(board.page))[4]!;
    const dialog = await openFlagDialog(board.page, title);
    const message = dialog.getByLabel('What is wrong with it?');
    // Past the limit of the field, as another program could.
    await message.evaluate((field: HTMLTextAreaElement) => field.removeAttribute('maxlength'));
    await message.fill('ä'.repeat(201));
    await dialog.getByRole('button', { name: 'Flag', exact: true }).click();
    await dialog.getByText('At most 200 characters, please.').waitFor();
    await message.fill('ä'.repeat(200));
    await dialog.getByRole('button', { name: 'Flag', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(flags_of(title).at(-1)!['message']).toBe('ä'.repeat(200));
});

test('removing a flag asks first, then removes exactly that one', async () => {
    const [row] = board.query(`SELECT flag.id, message, title, username FROM flag JOIN user ON user.id = flag.user_id
        JOIN (SELECT * FROM post ORDER BY update_ts DESC LIMIT 15) AS post ON post.id = flag.post_id LIMIT 1`);
    const [title, message, username] = [row!['title'] as string, row!['message'] as string, row!['username'] as string];
    const before = board.query('SELECT * FROM flag ORDER BY id');
    const remove = flags(post(board.page, title)).filter({ hasText: message }).filter({ hasText: username });
    const dialog = board.page.getByRole('dialog', { name: 'Remove this flag?' });

    await remove.getByRole('button').click();
    await dialog.getByText(message).waitFor();
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    expect(board.query('SELECT * FROM flag ORDER BY id')).toEqual(before);

    await remove.getByRole('button').click();
    await dialog.getByRole('button', { name: 'Remove the flag' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await remove.waitFor({ state: 'detached' });
    expect(board.query('SELECT * FROM flag ORDER BY id')).toEqual(before.filter((flag) => flag['id'] !== row!['id']));
    expect(await notice(board.page).textContent()).toBe(`Removed ${username}’s flag “${message}”.`);
});
