import { connect, type Client } from '@web/core/client';
import type { TandemError } from '@web/core/errors';
import { FakeEnvironment } from './fake_environment';

export const tab = '0123456789abcdef0123456789abcdef';

/** The fields of a `welcome` to a page with one state, `board`. */
export function welcomeFields(changes: Record<string, unknown> = {}): Record<string, unknown> {
    return {
        proto: 1,
        build: 'b1',
        fresh: true,
        n: 0,
        seq: 1,
        limits: { message_bytes: 65536, in_flight: 64 },
        states: { board: { handlers: ['add', 'fail', 'search'], settable: ['note'] } },
        tree: { board: { count: 0, note: '', items: [{ id: 1, tags: ['x'] }] }, other: { x: 1 } },
        ...changes,
    };
}

export function newClient(): { client: Client; env: FakeEnvironment } {
    const env = new FakeEnvironment();
    const client = connect({ url: 'ws://here/_tandem/socket', tab, build: 'b1', page: '/', environment: env });
    return { client, env };
}

/** The server answers the newest socket's hello. */
export function welcome(env: FakeEnvironment, changes: Record<string, unknown> = {}): void {
    env.socket.accept();
    env.socket.next();
    env.socket.push(['welcome', welcomeFields(changes)]);
    env.frame();
}

/** A client that was welcomed. */
export function online(changes: Record<string, unknown> = {}): { client: Client; env: FakeEnvironment } {
    const made = newClient();
    welcome(made.env, changes);
    return made;
}

/** Watches a call: `code` is undefined until it settles, then `ok` or the error's code. */
export function watch(promise: Promise<void>): { code: string | undefined; error: TandemError | undefined } {
    const seen: { code: string | undefined; error: TandemError | undefined } = { code: undefined, error: undefined };
    promise.then(
        () => (seen.code = 'ok'),
        (error: TandemError) => Object.assign(seen, { code: error.code, error }),
    );
    return seen;
}

/** Lets all promises that can settle do so. */
export async function settle(): Promise<void> {
    for (let i = 0; i < 10; ++i) await Promise.resolve();
}
