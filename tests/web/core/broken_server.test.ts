import { describe, expect, it } from 'vitest';
import { newClient, online, welcome, welcomeFields } from '../support/connected';

/** A server that breaks the protocol is never trusted, and never throws out of the socket's handler. */

const setCount = (count: number) => ['s', ['board', 'count'], count];

describe('a broken server', () => {
    const broken: [string, unknown][] = [
        ['text that is not JSON', '["delta",2'],
        ['nothing', ''],
        ['a JSON object', '{}'],
        ['an empty array', '[]'],
        ['an unknown frame', '["hallo",1]'],
        ['a name from the prototype', '["__proto__",1]'],
        ['a binary frame', new ArrayBuffer(4)],
        ['a second welcome', JSON.stringify(['welcome', welcomeFields()])],
        ['an ack without fields', '["ack"]'],
        ['an ack with an outcome of another type', '["ack",1,true,2,[]]'],
        ['an ack with an error without a message', '["ack",1,{"code":"failed"},2,[]]'],
        ['a delta with a mistyped seq', '["delta","2",0,[]]'],
        ['a delta with a fractional seq', '["delta",1.5,0,[]]'],
        ['a delta whose ops are an object', '["delta",2,0,{}]'],
        ['a snapshot without a tree', '["snapshot",2]'],
        ['a snapshot whose tree is a list', '["snapshot",2,[]]'],
        ['a snapshot whose state is a number', '["snapshot",2,{"board":1}]'],
        ['a snapshot with an unknown tag', '["snapshot",2,{"board":{"x":"~?"}}]'],
        ['a snapshot nested too deep', `["snapshot",2,{"board":{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}]`],
        ['a bye without a code', '["bye",{"retry_ms":1}]'],
        ['a bye with a mistyped time', '["bye",{"code":"restart","retry_ms":"1"}]'],
        ['a bye with a negative time', '["bye",{"code":"restart","retry_ms":-1}]'],
    ];

    it.each(broken)('that sends %s gets a new connection; the tree stays', (_, data) => {
        const { client, env } = online();
        const [before, socket] = [client.tree, env.socket];
        socket.pushRaw(data);
        expect(client.tree).toBe(before);
        expect(client.status).toBe('offline');
        expect(socket.closed).toBe(true);
        socket.push(['delta', 2, 0, [setCount(1)]]);
        expect(client.tree).toBe(before);
        env.advance(10);
        expect(env.sockets.length).toBe(2);
    });

    const brokenWelcomes: [string, Record<string, unknown>][] = [
        ['another protocol', { proto: 2 }],
        ['no build', { build: undefined }],
        ['fresh as a number', { fresh: 1 }],
        ['a negative n', { n: -1 }],
        ['no limits', { limits: undefined }],
        ['an in_flight of 0', { limits: { message_bytes: 1, in_flight: 0 } }],
        ['states as a list', { states: [] }],
        ['a handler that is no name', { states: { board: { handlers: [1], settable: [] } } }],
        ['a tree as a list', { tree: [] }],
        ['no tree', { tree: null }],
    ];

    it.each(brokenWelcomes)('whose welcome has %s gets a new connection', (_, changes) => {
        const { client, env } = newClient();
        welcome(env, changes);
        expect(client.status).toBe('offline');
        expect(client.tree).toEqual({});
    });

    it('that sends a change before the welcome gets a new connection', () => {
        const { client, env } = newClient();
        env.socket.accept();
        env.socket.push(['delta', 1, 0, []]);
        expect(client.status).toBe('offline');
    });

    it('that acks what was not asked is heard for its change only', () => {
        const { client, env } = online();
        env.socket.push(['ack', 5, 'ok', 2, [setCount(3)]]);
        expect(client.state('board')['count']).toBe(3);
        expect(client.status).toBe('online');
    });

    it('cannot change the prototype of everything by a tree', () => {
        const { client, env } = online();
        env.socket.pushRaw('["snapshot",2,{"__proto__":{"polluted":1},"board":{"__proto__":{"polluted":1}}}]');
        expect('polluted' in {}).toBe(false);
        expect('polluted' in client.state('board')).toBe(false);
    });

    it('may send more fields than are known', () => {
        const { client, env } = online();
        env.socket.push(['delta', 2, 0, [[...setCount(3), 'more']], 'more']);
        expect(client.state('board')['count']).toBe(3);
    });
});
