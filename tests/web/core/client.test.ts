import { describe, expect, it } from 'vitest';
import { newClient, online, settle, tab, watch, welcome, welcomeFields } from '../support/connected';
import { FakeEnvironment } from '../support/fake_environment';

const ack = (n: number, seq: number, ops: unknown[] = [], outcome: unknown = 'ok') => ['ack', n, outcome, seq, ops];
const setCount = (count: number) => ['s', ['board', 'count'], count];

/** Loses the connection and takes the next one, up to the welcome. */
function reconnect(env: FakeEnvironment, changes: Record<string, unknown>): void {
    env.socket.lose();
    env.advance(5000);
    welcome(env, changes);
}

describe('connecting', () => {
    it('says hello when the socket opens', () => {
        const { env } = newClient();
        expect(env.socket.sent).toEqual([]);
        env.socket.accept();
        expect(env.socket.sent).toEqual([
            ['hello', { proto: 1, build: 'b1', tab, page: '/', token: null, resume: null }],
        ]);
    });

    it('is connecting until the welcome, then online', () => {
        const { client, env } = newClient();
        expect(client.status).toBe('connecting');
        env.socket.accept();
        expect(client.status).toBe('connecting');
        env.socket.push(['welcome', welcomeFields()]);
        expect(client.status).toBe('online');
    });

    it('has the tree and what the states offer after the welcome', () => {
        const { client } = online();
        expect(client.state('board')).toEqual({ count: 0, note: '', items: [{ id: 1, tags: ['x'] }] });
        expect(client.states['board']).toEqual({ handlers: ['add', 'fail', 'search'], settable: ['note'] });
    });

    it('has an empty state for a name that is not there', () => {
        const { client } = online();
        expect(client.state('none')).toEqual({});
        expect(client.state('__proto__')).toEqual({});
        expect(client.state('none')).toBe(client.state('none'));
    });
});

describe('subscribers', () => {
    it('hear of a change once per frame, after it', () => {
        const { client, env } = online();
        const seen: unknown[] = [];
        client.subscribe('board', () => seen.push(client.state('board')['count']));
        env.socket.push(['delta', 2, 0, [setCount(1)]]);
        env.socket.push(['delta', 3, 0, [setCount(2)]]);
        expect(seen).toEqual([]);
        env.frame();
        expect(seen).toEqual([2]);
        env.frame();
        expect(seen).toEqual([2]);
    });

    it('do not hear of other states', () => {
        const { client, env } = online();
        let heard = 0;
        client.subscribe('other', () => ++heard);
        env.socket.push(['delta', 2, 0, [setCount(1)]]);
        env.frame();
        expect(heard).toBe(0);
    });

    it('do not hear of anything after they ended', () => {
        const { client, env } = online();
        let heard = 0;
        client.subscribe('board', () => ++heard)();
        env.socket.push(['delta', 2, 0, [setCount(1)]]);
        env.frame();
        expect(heard).toBe(0);
    });

    it('hear by timer where frames do not come', () => {
        const { client, env } = online();
        let heard = 0;
        client.subscribe('board', () => ++heard);
        env.setHidden(true);
        env.socket.push(['delta', 2, 0, [setCount(1)]]);
        env.advance(250);
        expect(heard).toBe(1);
    });

    it('that throw do not stop the others', () => {
        const { client, env } = online();
        let heard = 0;
        client.subscribe('board', () => {
            throw new Error('mine');
        });
        client.subscribe('board', () => ++heard);
        env.socket.push(['delta', 2, 0, [setCount(1)]]);
        env.frame();
        expect(heard).toBe(1);
        expect(env.reports).toEqual(['a subscriber threw']);
    });
});

describe('a call', () => {
    it('is numbered from 1 and settles with its ack', async () => {
        const { client, env } = online();
        const [first, second] = [watch(client.call('board.add', [1])), watch(client.call('board.fail'))];
        expect(env.socket.sent).toEqual([
            ['event', 1, 'board.add', [1]],
            ['event', 2, 'board.fail', []],
        ]);
        env.socket.push(ack(1, 2));
        env.socket.push(
            ack(2, 3, [], { code: 'invalid', message: 'No.', id: 'x1', fields: { name: 'is missing' }, detail: 'd' }),
        );
        env.frame();
        await settle();
        expect(first.code).toBe('ok');
        expect(second.error).toMatchObject({
            code: 'invalid',
            message: 'No.',
            id: 'x1',
            fields: { name: 'is missing' },
            detail: 'd',
        });
    });

    it('settles after subscribers saw its change', async () => {
        const { client, env } = online();
        const order: string[] = [];
        client.subscribe('board', () => order.push('seen'));
        void client.call('board.add', [1]).then(() => order.push('settled'));
        env.socket.push(ack(1, 2, [setCount(1)]));
        await settle();
        expect(order).toEqual([]);
        env.frame();
        await settle();
        expect(order).toEqual(['seen', 'settled']);
    });

    it('is pending until it settles', async () => {
        const { client, env } = online();
        const changes: [string, number][] = [];
        client.onPending((handler) => changes.push([handler, client.pending(handler)]));
        void client.call('board.add');
        expect(client.pending('board.add')).toBe(1);
        env.socket.push(ack(1, 2));
        env.frame();
        await settle();
        expect(client.pending('board.add')).toBe(0);
        expect(changes).toEqual([
            ['board.add', 1],
            ['board.add', 0],
        ]);
    });

    it('sends its arguments as they were when it was made', () => {
        const { client, env } = newClient();
        const argument = { name: 'before' };
        void client.call('board.add', [argument]);
        argument.name = 'after';
        welcome(env);
        expect(env.socket.next()).toEqual(['event', 1, 'board.add', [{ name: 'before' }]]);
    });

    it('with arguments that cannot be sent fails as invalid, and uses no number', async () => {
        const { client, env } = online();
        const call = watch(client.call('board.add', [NaN]));
        await settle();
        expect(call.error).toMatchObject({
            code: 'invalid',
            message: 'board.add: argument 1 cannot be sent: it is NaN',
        });
        void client.call('board.add');
        expect(env.socket.sent).toEqual([['event', 1, 'board.add', []]]);
    });

    it('longer than the server takes fails as invalid, and uses no number', async () => {
        const { client, env } = online({ limits: { message_bytes: 50, in_flight: 64 } });
        const call = watch(client.call('board.add', ['é'.repeat(20)]));
        await settle();
        expect(call.code).toBe('invalid');
        expect(client.pending('board.add')).toBe(0);
        void client.call('board.add', ['e'.repeat(20)]);
        expect(env.socket.sent).toEqual([['event', 1, 'board.add', ['e'.repeat(20)]]]);
    });

    it('waits while in_flight are unanswered', () => {
        const { client, env } = online({ limits: { message_bytes: 65536, in_flight: 2 } });
        for (let i = 0; i < 4; ++i) void client.call('board.add', [i]);
        expect(env.socket.sent.length).toBe(2);
        env.socket.push(ack(1, 2));
        expect(env.socket.sent[2]).toEqual(['event', 3, 'board.add', [2]]);
        expect(env.socket.sent.length).toBe(3);
    });
});

describe('calls without a connection', () => {
    it('wait for the welcome and go out in order', () => {
        const { client, env } = newClient();
        void client.call('board.add', [1]);
        void client.call('board.add', [2]);
        welcome(env);
        expect(env.socket.sent).toEqual([
            ['event', 1, 'board.add', [1]],
            ['event', 2, 'board.add', [2]],
        ]);
    });

    it('are bounded: the 257th fails as unsent', async () => {
        const { client } = newClient();
        const calls = Array.from({ length: 257 }, () => watch(client.call('board.add')));
        await settle();
        expect(calls[255]!.code).toBeUndefined();
        expect(calls[256]!.code).toBe('unsent');
        expect(client.pending('board.add')).toBe(256);
    });
});

describe('after a lost connection', () => {
    it('unanswered events are sent again with their numbers, then the new ones', () => {
        const { client, env } = online();
        void client.call('board.add', [1]);
        void client.call('board.add', [2]);
        env.socket.push(ack(1, 2));
        env.socket.lose();
        void client.call('board.add', [3]);
        env.advance(5000);
        welcome(env, { fresh: false, n: 1, seq: 9 });
        expect(env.socket.sent).toEqual([
            ['event', 2, 'board.add', [2]],
            ['event', 3, 'board.add', [3]],
        ]);
    });

    it('an event that the server did handle is sent again too, and answered from its receipt', async () => {
        const { client, env } = online();
        const call = watch(client.call('board.add', [1]));
        reconnect(env, { fresh: false, n: 1, seq: 9 });
        expect(env.socket.sent).toEqual([['event', 1, 'board.add', [1]]]);
        env.socket.push(ack(1, 10));
        env.frame();
        await settle();
        expect(call.code).toBe('ok');
    });

    it('no more than in_flight are sent again at once', () => {
        const { client, env } = online();
        for (let i = 0; i < 3; ++i) void client.call('board.add', [i]);
        reconnect(env, { fresh: false, n: 0, seq: 9, limits: { message_bytes: 65536, in_flight: 2 } });
        expect(env.socket.sent.length).toBe(2);
        env.socket.push(ack(1, 10));
        expect(env.socket.sent[2]).toEqual(['event', 3, 'board.add', [2]]);
    });

    it('a server that does not know the tab loses what was sent, and gets what was not from 1 on', async () => {
        const { client, env } = online();
        const sent = watch(client.call('board.add', [1]));
        env.socket.lose();
        const waiting = watch(client.call('board.add', [2]));
        env.advance(5000);
        welcome(env, { fresh: true, n: 0, seq: 1 });
        await settle();
        expect(sent.code).toBe('lost');
        expect(waiting.code).toBeUndefined();
        expect(env.socket.sent).toEqual([['event', 1, 'board.add', [2]]]);
    });

    it.each([0, 4])('a server that counts otherwise (n = %i) loses what was sent, and is followed', async (n) => {
        const { client, env } = online();
        void client.call('board.add', [0]);
        env.socket.push(ack(1, 2));
        const sent = watch(client.call('board.add', [1]));
        reconnect(env, { fresh: false, n, seq: 9 });
        await settle();
        expect(sent.code).toBe('lost');
        void client.call('board.add', [2]);
        expect(env.socket.sent).toEqual([['event', n + 1, 'board.add', [2]]]);
    });

    it('the whole tree is the new one', () => {
        const { client, env } = online();
        reconnect(env, { fresh: false, seq: 40, tree: { board: { count: 7 } } });
        expect(client.tree).toEqual({ board: { count: 7 } });
        env.socket.push(['delta', 41, 0, [setCount(8)]]);
        expect(client.state('board')).toEqual({ count: 8 });
    });
});

it('a page that was reloaded goes on counting where the server is', () => {
    const { client, env } = online({ fresh: false, n: 17, seq: 40 });
    void client.call('board.add');
    expect(env.socket.next()).toEqual(['event', 18, 'board.add', []]);
});

describe('a change that does not follow', () => {
    it.each([
        ['leaves a gap', ['delta', 3, 0, [setCount(5)]]],
        ['comes twice', ['delta', 1, 0, [setCount(5)]]],
        ['does not apply', ['delta', 2, 0, [setCount(5), ['d', ['board', 'none']]]]],
        ['has a huge index', ['delta', 2, 0, [['s', ['board', 'items', 4294967295], 1]]]],
        ['has __proto__ in a path', ['delta', 2, 0, [['s', ['board', '__proto__', 'polluted'], 1]]]],
        ['is an effect after a gap', ['call', 3, {}]],
    ])('changes nothing and asks for a snapshot if it %s', (_, frame) => {
        const { client, env } = online();
        const before = client.tree;
        env.socket.push(frame);
        expect(client.tree).toBe(before);
        expect(env.socket.sent).toEqual([['resync']]);
        expect(client.status).toBe('online');
        expect('polluted' in {}).toBe(false);
    });

    it('is followed by the snapshot only', () => {
        const { client, env } = online();
        env.socket.push(['delta', 3, 0, []]);
        env.socket.push(['delta', 4, 0, [setCount(5)]]);
        env.socket.push(['delta', 2, 0, [setCount(6)]]);
        expect(client.state('board')['count']).toBe(0);
        env.socket.push(['snapshot', 8, { board: { count: 9 } }]);
        env.socket.push(['delta', 9, 0, [setCount(10)]]);
        expect(client.state('board')).toEqual({ count: 10 });
        expect(env.socket.sent).toEqual([['resync']]);
    });

    it('settles its call all the same, once the snapshot shows the change', async () => {
        const { client, env } = online();
        const call = watch(client.call('board.add', [1]));
        env.socket.next();
        env.socket.push(ack(1, 5, [setCount(1)]));
        env.frame();
        await settle();
        expect(call.code).toBeUndefined();
        env.socket.push(['snapshot', 5, { board: { count: 1 } }]);
        env.frame();
        await settle();
        expect(call.code).toBe('ok');
        reconnect(env, { fresh: false, n: 1 });
        expect(env.socket.sent).toEqual([]);
    });

    it('connects again if the snapshot does not come', () => {
        const { env } = online();
        env.socket.push(['delta', 3, 0, []]);
        env.advance(20_000);
        expect(env.sockets.length).toBe(2);
    });
});

it('an effect that is not known counts and is ignored', () => {
    const { client, env } = online();
    env.socket.push(['call', 2, { toast: 'hi' }]);
    env.socket.push(['delta', 3, 0, [setCount(4)]]);
    expect(client.state('board')['count']).toBe(4);
    expect(env.socket.sent).toEqual([]);
});

describe('bye', () => {
    it('with a time comes back then, not earlier', () => {
        const { client, env } = online();
        env.chance = 0;
        env.socket.push(['bye', { code: 'restart', retry_ms: 3000 }]);
        expect([client.status, client.retry_in_ms]).toEqual(['offline', 3000]);
        env.advance(2999);
        expect(env.sockets.length).toBe(1);
        env.advance(1);
        expect(env.sockets.length).toBe(2);
    });

    it('without a time stops: sent calls are lost, waiting ones unsent', async () => {
        const { client, env } = online({ limits: { message_bytes: 65536, in_flight: 1 } });
        const [sent, waiting] = [watch(client.call('board.add')), watch(client.call('board.add'))];
        env.socket.push(['bye', { code: 'refused', retry_ms: null }]);
        await settle();
        expect([client.status, client.stopped_by]).toEqual(['stopped', 'refused']);
        expect([sent.code, waiting.code]).toEqual(['lost', 'unsent']);
        env.advance(1e6);
        expect(env.sockets.length).toBe(1);
        const late = watch(client.call('board.add'));
        await settle();
        expect(late.code).toBe('unsent');
    });

    it('as replaced stops, whatever time it names', () => {
        const { client, env } = online();
        env.socket.push(['bye', { code: 'replaced', retry_ms: 10 }]);
        expect([client.status, client.stopped_by]).toEqual(['stopped', 'replaced']);
    });

    it('instead of a welcome counts too', () => {
        const { client, env } = newClient();
        env.socket.accept();
        env.socket.push(['bye', { code: 'refused', retry_ms: null }]);
        expect(client.status).toBe('stopped');
    });
});

it('close ends everything', async () => {
    const { client, env } = online();
    const call = watch(client.call('board.add'));
    client.close();
    client.close();
    await settle();
    expect([client.status, client.stopped_by, call.code, env.socket.closed]).toEqual([
        'stopped',
        'closed',
        'lost',
        true,
    ]);
    env.setHidden(false);
    env.advance(1e6);
    expect(env.sockets.length).toBe(1);
});
