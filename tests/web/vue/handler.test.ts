// @vitest-environment happy-dom
import { expect, it } from 'vitest';
import { createHandler } from '@web/vue/handler';
import { online, settle, watch } from '../support/connected';

it('a handler sends what it is given and settles as the core says', async () => {
    const { client, env } = online();
    const call = watch(createHandler(client, 'board.fail')(1, 'a'));
    expect(env.socket.sent).toEqual([['event', 1, 'board.fail', [1, 'a']]]);
    env.socket.push(['ack', 1, { code: 'conflict', message: 'm' }, 2, []]);
    env.frame();
    await settle();
    expect(call.code).toBe('conflict');
});

it('busy counts calls that scripts make too', () => {
    const { client } = online();
    const add = createHandler(client, 'board.add');
    expect(add.busy).toBe(false);
    void client.call('board.add');
    expect(add.busy).toBe(true);
});

it('error is of the last call, not of one before that fails later', async () => {
    const { client, env } = online();
    const fail = createHandler(client, 'board.fail');
    void fail();
    void fail();
    env.socket.push(['ack', 1, { code: 'refused', message: 'first' }, 2, []]);
    env.frame();
    await settle();
    expect(fail.error).toBeNull();
    env.socket.push(['ack', 2, { code: 'refused', message: 'second' }, 3, []]);
    env.frame();
    await settle();
    expect(fail.error?.message).toBe('second');
});

it('error can be taken away, and a later failure shows again', async () => {
    const { client, env } = online();
    const fail = createHandler(client, 'board.fail');
    for (const n of [1, 2]) {
        void fail();
        env.socket.push(['ack', n, { code: 'refused', message: 'no' }, n + 1, []]);
        env.frame();
        await settle();
        expect(fail.error?.message).toBe('no');
        fail.error = null;
        expect(fail.error).toBeNull();
    }
});

it('debounce and throttle are the same function each time they are asked for', () => {
    const { client } = online();
    const search = createHandler(client, 'board.search');
    expect(search.debounce(200)).toBe(search.debounce(200));
    expect(search.debounce(200)).not.toBe(search.debounce(300));
    expect(search.throttle(200)).toBe(search.throttle(200));
});
