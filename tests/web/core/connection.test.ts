import { describe, expect, it } from 'vitest';
import { newClient, online, welcome } from '../support/connected';

describe('the time until the next attempt', () => {
    it('grows as protocol.md says, and stays at 5 s', () => {
        const { client, env } = newClient();
        const delays: (number | null)[] = [];
        for (let i = 0; i < 12; ++i) {
            env.socket.lose();
            delays.push(client.retry_in_ms);
            env.advance(client.retry_in_ms!);
        }
        expect(delays).toEqual([10, 50, 100, 150, 200, 250, 500, 1000, 2000, 5000, 5000, 5000]);
    });

    it.each([
        [0, 5],
        [0.999, 15],
    ])('is scattered by half up and down (chance %f)', (chance, delay) => {
        const { client, env } = newClient();
        env.chance = chance;
        env.socket.lose();
        expect(client.retry_in_ms).toBe(delay);
    });

    it('starts over after a connection that lasted 5 s', () => {
        const { client, env } = online();
        env.advance(5000);
        env.socket.lose();
        expect(client.retry_in_ms).toBe(10);
        env.advance(10);
        welcome(env);
        env.advance(5000);
        env.socket.lose();
        expect(client.retry_in_ms).toBe(10);
    });

    it('goes on growing while connections do not last', () => {
        const { client, env } = online();
        env.socket.lose();
        env.advance(10);
        welcome(env);
        env.socket.lose();
        expect(client.retry_in_ms).toBe(50);
    });

    it('is an hour and a half at most, whatever the server asks', () => {
        const { client, env } = online();
        env.chance = 0.999;
        env.socket.push(['bye', { code: 'restart', retry_ms: 1e300 }]);
        expect(client.retry_in_ms).toBeLessThanOrEqual(5_400_000);
    });
});

describe('status', () => {
    it('is told with each change', () => {
        const { client, env } = newClient();
        const told: unknown[] = [];
        client.onStatus((status, retry_in_ms) => told.push([status, retry_in_ms]));
        welcome(env);
        env.socket.lose();
        env.advance(10);
        welcome(env);
        client.close();
        expect(told).toEqual([
            ['online', null],
            ['offline', 10],
            ['online', null],
            ['stopped', null],
        ]);
    });
});

describe('a hidden page', () => {
    it('does not connect again until it is visible, and then at once', () => {
        const { env } = online();
        env.setHidden(true);
        env.socket.lose();
        env.advance(60_000);
        expect(env.sockets.length).toBe(1);
        env.setHidden(false);
        expect(env.sockets.length).toBe(2);
    });

    it('keeps the connection that it has', () => {
        const { client, env } = online();
        env.setHidden(true);
        env.advance(60_000);
        env.setHidden(false);
        expect(client.status).toBe('online');
        expect(env.sockets.length).toBe(1);
    });

    it('connects the first time all the same', () => {
        const { client, env } = newClient();
        env.setHidden(true);
        welcome(env);
        expect(client.status).toBe('online');
    });

    it('that becomes visible while it waits connects once', () => {
        const { env } = online();
        env.socket.lose();
        env.setHidden(true);
        env.setHidden(false);
        env.advance(5000);
        expect(env.sockets.length).toBe(2);
    });
});

describe('silence', () => {
    it('instead of a welcome, for 10 s, makes a new connection', () => {
        const { client, env } = newClient();
        const first = env.socket;
        first.accept();
        env.advance(10_000);
        expect(first.closed).toBe(true);
        expect(client.status).toBe('offline');
    });

    it('after the welcome is fine', () => {
        const { client, env } = online();
        env.advance(1e6);
        expect(client.status).toBe('online');
    });
});

it('a browser that refuses to open a socket is asked again', () => {
    const { client, env } = newClient();
    env.refuseSockets = true;
    env.socket.lose();
    env.advance(10);
    expect(client.status).toBe('offline');
    env.refuseSockets = false;
    env.advance(50);
    expect(env.sockets.length).toBe(2);
});

it('an old socket has no say any more', () => {
    const { client, env } = online();
    const old = env.socket;
    old.lose();
    env.advance(10);
    welcome(env, { fresh: false, seq: 5 });
    old.push(['delta', 6, 0, [['s', ['board', 'count'], 9]]]);
    old.lose();
    expect(client.status).toBe('online');
    expect(client.state('board')['count']).toBe(0);
});
