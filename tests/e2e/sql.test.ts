import { expect, test } from 'vitest';
import { eventually, setUp, sql } from './support/board';

const board = setUp();

async function shownTuples(): Promise<(string | number)[][]> {
    const rows = await board.page.getByRole('region', { name: 'Rows of the table user' }).getByRole('row').all();
    return Promise.all(
        rows.map(async (row) => {
            const [id, ...rest] = await row.getByRole('cell').allTextContents();
            return [Number(id), ...rest];
        }),
    );
}
const storedTuples = () => board.query('SELECT * FROM user').map((row) => Object.values(row));

async function insert(username: string, email: string) {
    const form = board.page.getByRole('form', { name: 'Insert a user with SQL' });
    if (!(await form.isVisible())) await board.page.getByText('INSERT INTO user').click();
    await form.getByLabel(':username').fill(username);
    await form.getByLabel(':email').fill(email);
    await form.getByRole('button', { name: 'Insert' }).click();
    return form;
}

test('the panel shows the raw tuples of the table', async () => {
    await board.page.getByText('SELECT * FROM user').click();
    await eventually(shownTuples, storedTuples());
});

test('a raw insert binds its values, whatever they contain', async () => {
    const username = `Robert'); DROP TABLE user; --`;
    const form = await insert(username, 'bobby@example.org');
    await eventually(() => form.getByLabel(':username').inputValue(), '');
    expect(board.query(`SELECT email FROM user WHERE username = ${sql(username)}`)).toEqual([{ email: 'bobby@example.org' }]);
    await eventually(shownTuples, storedTuples());
});

test('a raw insert obeys the same rules as the forms', async () => {
    const before = board.everything();
    const form = await insert('Ana Lima', 'nowhere');
    // The browser stops this one; the next one only the server can.
    expect(await form.getByLabel(':email').evaluate((field: HTMLInputElement) => field.validity.typeMismatch)).toBe(true);
    await insert('Ana Lima', 'ana@nowhere');
    await form.getByText('There is already a user of this name.').waitFor();
    await form.getByText('This is not an e-mail address like ana@example.org.').waitFor();
    expect(board.everything()).toEqual(before);
});
