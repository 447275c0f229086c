// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { mount } from '@web/vue/mount';
import { newClient, settle, welcome } from '../support/connected';
import { evaluate, mounted } from '../support/mounted';

const rejections: unknown[] = [];
const onRejection = (error: unknown) => rejections.push(error);

beforeEach(() => void process.on('unhandledRejection', onRejection));

afterEach(async () => {
    await new Promise((resolve) => setTimeout(resolve));
    process.off('unhandledRejection', onRejection);
    expect(rejections.splice(0)).toEqual([]);
    vi.restoreAllMocks();
});

function waiting(template = '<p>here</p>') {
    const { client, env } = newClient();
    const root = document.createElement('div');
    const unmount = mount({ client, root, template, evaluate });
    return { client, env, root, unmount };
}

it('a page says that it is connecting until the welcome', () => {
    const { env, root } = waiting();
    expect(root.innerHTML).toBe('<p role="status" aria-busy="true">Connecting…</p>');
    welcome(env);
    expect(root.innerHTML).toBe('<p>here</p>');
});

it('a page that is turned away before it was shown says so', () => {
    const { env, root } = waiting();
    env.socket.accept();
    env.socket.push(['bye', { code: 'refused', retry_ms: null }]);
    expect(root.textContent).toContain('Reload it to try again');
    expect(root.querySelector('[role=status]')!.getAttribute('aria-busy')).toBe('false');
});

it('a page is mounted once, however often it connects', () => {
    const { env, root } = waiting();
    welcome(env);
    const shown = root.firstElementChild;
    env.socket.lose();
    env.advance(10);
    welcome(env, { fresh: false });
    expect(root.firstElementChild).toBe(shown);
});

it('a page can be taken away', () => {
    const { env, root, unmount } = waiting();
    welcome(env);
    unmount();
    expect(root.innerHTML).toBe('');
});

it('a template with a mistake says so in the page and throws', () => {
    const { client } = newClient();
    const root = document.createElement('div');
    expect(() => mount({ client, root, template: '<p v-if>x</p><b>', evaluate })).toThrow(/template: line 1/);
    expect(root.textContent).toContain('its template has a mistake');
});

it('vars show, escaped, and follow the server', async () => {
    const page = await mounted(
        '<h1>{{ board.note }}</h1><i v-for="row in board.items" :key="row.id">{{ row.tags[0] }}</i>',
    );
    page.env.socket.push([
        'delta',
        2,
        0,
        [
            ['s', ['board', 'note'], '<b>'],
            ['p', ['board', 'items'], 1, 0, [{ id: 2, tags: ['y'] }]],
        ],
    ]);
    await page.draw();
    expect(page.root.innerHTML).toContain('<h1>&lt;b&gt;</h1>');
    expect(page.root.textContent).toBe('<b>xy');
});

it('a keyed row that moves keeps its element', async () => {
    const page = await mounted('<i v-for="row in board.items" :key="row.id">{{ row.id }}</i>', {
        tree: { board: { items: [{ id: 1 }, { id: 2 }] } },
    });
    const first = page.find('i');
    page.env.socket.push(['delta', 2, 0, [['o', ['board', 'items'], [1, 0]]]]);
    await page.draw();
    expect(page.root.textContent).toBe('21');
    expect(page.root.querySelectorAll('i')[1]).toBe(first);
});

it('a click calls a handler, which is busy until it is answered', async () => {
    const page = await mounted('<button @click="board.add(2)" :disabled="board.add.busy">{{ board.count }}</button>');
    const button = page.find<HTMLButtonElement>('button');
    button.click();
    await settle();
    expect(button.disabled).toBe(true);
    expect(page.env.socket.sent).toEqual([['event', 1, 'board.add', [2]]]);
    await page.answer([['s', ['board', 'count'], 2]]);
    expect([button.disabled, button.textContent]).toEqual([false, '2']);
});

it('a handler is busy until all of its calls are answered', async () => {
    const page = await mounted('<button @click="board.add(1)">{{ board.add.busy }}</button>');
    page.find('button').click();
    page.find('button').click();
    await page.answer();
    expect(page.root.textContent).toBe('true');
    await page.answer();
    expect(page.root.textContent).toBe('false');
});

it('a handler without parentheses is called without the DOM event', async () => {
    const page = await mounted('<button @click="board.add">+</button>');
    page.find('button').click();
    expect(page.env.socket.sent).toEqual([['event', 1, 'board.add', []]]);
});

it('a refused call shows as error until the next call, and troubles nobody else', async () => {
    const complaints = vi.spyOn(console, 'error');
    const page = await mounted(
        '<button @click="board.fail()">{{ board.fail.error?.code }} {{ board.fail.error?.message }}</button>',
    );
    page.find('button').click();
    await page.answer([], { code: 'refused', message: 'Not today.' });
    expect(page.root.textContent).toBe('refused Not today.');
    page.find('button').click();
    await settle();
    expect(page.root.textContent).toBe(' ');
    expect(complaints).not.toHaveBeenCalled();
});

it('a template can wait for a handler', async () => {
    const page = await mounted(
        `<button @click="async () => { await board.add(1); $event2 = 0; board.search('then') }">+</button>`,
    );
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    page.find('button').click();
    await page.answer();
    await settle();
    expect(page.env.socket.sent).toEqual([['event', 2, 'board.search', ['then']]]);
});

it('net follows the connection', async () => {
    const page = await mounted('<p>{{ net.status }} {{ net.retry_in_ms }}</p>');
    expect(page.root.textContent).toBe('online ');
    page.env.socket.lose();
    await settle();
    expect(page.root.textContent).toBe('offline 10');
    page.env.advance(10);
    welcome(page.env, { fresh: false });
    await settle();
    expect(page.root.textContent).toBe('online ');
});

it('page tells the path', async () => {
    const page = await mounted('<p>{{ page.path }}</p>');
    expect(page.root.textContent).toBe('/');
});

it('a template that throws while it renders is reported, and shows again when it can', async () => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const page = await mounted('<p>{{ board.items[0].tags[0] }}</p>');
    page.env.socket.push(['delta', 2, 0, [['p', ['board', 'items'], 0, 1, []]]]);
    await page.draw();
    expect(complaints.mock.calls[0]![0]).toContain('tandem: the page threw');
    page.env.socket.push(['delta', 3, 0, [['p', ['board', 'items'], 0, 0, [{ id: 1, tags: ['again'] }]]]]);
    await page.draw();
    expect(page.root.textContent).toBe('again');
});

it('a state whose name is taken is reported', async () => {
    const warnings = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await mounted('<p>{{ net.status }}</p>', { states: { net: { handlers: [], settable: [] } }, tree: { net: {} } });
    expect(warnings.mock.calls.flat().join()).toContain('the state net cannot be reached');
});
