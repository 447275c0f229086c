// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from 'vitest';
import { online, settle } from '../support/connected';
import { mounted } from '../support/mounted';
import { createFacade } from '@web/vue/facade';

afterEach(() => void vi.restoreAllMocks());

const type = (input: HTMLInputElement, text: string) => {
    input.value = text;
    input.dispatchEvent(new Event('input'));
};

describe('assigning a settable var', () => {
    it('shows the value at once and sends it', async () => {
        const page = await mounted('<input v-model="board.note"><p>{{ board.note }}</p>');
        type(page.find('input'), 'x');
        await settle();
        expect(page.root.textContent).toBe('x');
        expect(page.env.socket.sent).toEqual([['event', 1, 'board.set_note', ['x']]]);
    });

    it('shows what the server made of it when it is answered', async () => {
        const page = await mounted('<input v-model="board.note"><p>{{ board.note }}</p>');
        type(page.find('input'), ' x ');
        await page.answer([['s', ['board', 'note'], 'x']]);
        expect([page.root.textContent, page.find<HTMLInputElement>('input').value]).toEqual(['x', 'x']);
    });

    it('shows the old value again when it fails, and why', async () => {
        const page = await mounted(
            '<input v-model="board.note"><p>{{ board.note }}{{ board.set_note.error?.message }}</p>',
        );
        type(page.find('input'), 'x');
        await page.answer([], { code: 'invalid', message: 'Too short.' });
        expect([page.root.textContent, page.find<HTMLInputElement>('input').value]).toEqual(['Too short.', '']);
    });

    it('keeps what was typed since, whatever comes for what was typed before', async () => {
        const page = await mounted('<input v-model="board.note"><p>{{ board.note }}</p>');
        type(page.find('input'), 'x');
        type(page.find('input'), 'xy');
        await page.answer([['s', ['board', 'note'], 'x']]);
        expect([page.root.textContent, page.find<HTMLInputElement>('input').value]).toEqual(['xy', 'xy']);
        await page.answer([['s', ['board', 'note'], 'xy']]);
        expect(page.root.textContent).toBe('xy');
    });

    it('that cannot be sent shows the old value again', async () => {
        const { client } = online();
        const board = createFacade(client, 'board');
        board['note'] = NaN;
        await settle();
        expect(board['note']).toBe('');
        expect((board['set_note'] as { error: unknown }).error).toMatchObject({ code: 'invalid' });
    });
});

describe('assigning anything else', () => {
    it.each(['count', 'add', 'none', '__proto__'])('(%s) warns and does nothing', (name) => {
        const warnings = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
        const { client, env } = online();
        const board = createFacade(client, 'board');
        const before = board[name];
        board[name] = { x: 1 };
        expect(board[name]).toBe(before);
        expect(warnings.mock.calls[0]![0]).toContain(`board.${name} cannot be assigned`);
        expect(env.socket.sent).toEqual([]);
    });
});

describe('a state', () => {
    it('has its vars as members, and nothing else to enumerate', () => {
        const { client } = online();
        expect(Object.keys(createFacade(client, 'board'))).toEqual(['count', 'note', 'items']);
        expect(JSON.stringify(createFacade(client, 'board'))).toBe(
            '{"count":0,"note":"","items":[{"id":1,"tags":["x"]}]}',
        );
    });

    it('has nothing from the prototype of objects', () => {
        const { client } = online();
        const board = createFacade(client, 'board');
        expect([board['constructor'], board['hasOwnProperty'], 'toString' in board]).toEqual([
            undefined,
            undefined,
            false,
        ]);
    });

    it('follows vars that come and go', () => {
        const { client, env } = online();
        const board = createFacade(client, 'board');
        env.socket.push([
            'delta',
            2,
            0,
            [
                ['d', ['board', 'count']],
                ['s', ['board', 'more'], 1],
            ],
        ]);
        env.frame();
        expect(Object.keys(board)).toEqual(['note', 'items', 'more']);
    });

    it('follows handlers that come and go with a new server', () => {
        const { client, env } = online();
        const board = createFacade(client, 'board');
        const add = board['add'];
        env.socket.lose();
        env.advance(10);
        env.socket.accept();
        const states = { board: { handlers: ['add', 'more'], settable: [] } };
        const limits = { message_bytes: 65536, in_flight: 64 };
        env.socket.push([
            'welcome',
            { proto: 1, build: 'b2', fresh: true, n: 0, seq: 1, limits, states, tree: { board: { note: '' } } },
        ]);
        expect(board['add']).toBe(add);
        expect([typeof board['more'], typeof board['fail'], typeof board['set_note']]).toEqual([
            'function',
            'undefined',
            'undefined',
        ]);
    });
});
