/**
 * The core: keeps this page's copy of the server's state tree in step over one WebSocket, and calls handlers. Knows no
 * rendering engine.
 *
 *     const client = connect({ url: 'ws://localhost:8080/_tandem/socket', tab: newTab() });
 *     client.subscribe('board', () => show(client.state('board')));
 *     await client.call('board.add', [1]);
 */
import { Connection, type Status } from './connection';
import { browserEnvironment, type Environment } from './environment';
import { ProtocolError, TandemError } from './errors';
import { errorOf, EventQueue } from './events';
import { parseServerFrame } from './frames';
import { applyOps } from './patch';
import {
    proto,
    type Bye,
    type Hello,
    type Outcome,
    type StateSpecs,
    type Tree,
    type ValueObject,
    type Welcome,
} from './protocol';
import { Store } from './store';
import { decodeTree, encode } from './values';

export interface ConnectOptions {
    /** The socket's address, `ws:` or `wss:`. */
    url: string;
    /** 32 lower-case hex digits, this tab's secret (`tab.ts`). */
    tab: string;
    /** The build id that the page was served with. */
    build?: string;
    /** The path that the tab shows. */
    page?: string;
    /** Clock, sockets, chance: for tests. */
    environment?: Environment;
}

/** Connects and keeps connected until `close()` or until the server says not to come back. */
export function connect(options: ConnectOptions): Client {
    return new Client(options);
}

export class Client {
    /** What each state offers, from the last `welcome`. */
    states: StateSpecs = {};
    /** Why the client stopped: the code of the server's `bye`, or `closed`; null while it goes on. */
    stopped_by: string | null = null;

    private readonly env: Environment;
    private readonly hello: Hello;
    private readonly connection: Connection;
    private readonly store: Store;
    private readonly queue = new EventQueue();
    private readonly pendingCalls = new Map<string, number>();
    private readonly statusListeners = new Set<(status: Status, retry_in_ms: number | null) => void>();
    private readonly welcomeListeners = new Set<() => void>();
    private readonly pendingListeners = new Set<(handler: string) => void>();

    private welcomed = false;
    /** Waiting for a snapshot: changes are ignored. */
    private resyncing = false;
    private seq = 0;
    /** Settlements of acks whose change is not in the tree yet. */
    private held: (() => void)[] = [];

    constructor(options: ConnectOptions) {
        this.env = options.environment ?? browserEnvironment();
        this.hello = {
            proto,
            build: options.build ?? '',
            tab: options.tab,
            page: options.page ?? '/',
            token: null,
            resume: null,
        };
        this.store = new Store(this.env);
        this.connection = new Connection(options.url, this.env, {
            opened: () => this.connection.send(JSON.stringify(['hello', this.hello])),
            received: (text) => this.receive(text),
            lost: () => this.lost(),
            statusChanged: () => this.tell(this.statusListeners, this.status, this.retry_in_ms),
        });
        this.connection.open();
    }

    get status(): Status {
        return this.connection.status;
    }

    /** Milliseconds from the last change of status until the next attempt to connect; null if none is timed. */
    get retry_in_ms(): number | null {
        return this.connection.retry_in_ms;
    }

    /** The path that the tab shows. */
    get page(): string {
        return this.hello.page;
    }

    /** All states; frozen, a new object with each change. */
    get tree(): Tree {
        return this.store.tree;
    }

    /**
     * The vars of a state; frozen, a new object with each change, what did not change stays the same object. Empty if
     * there is no such state.
     */
    state<S extends object = ValueObject>(name: string): Readonly<S> {
        return this.store.state(name) as Readonly<S>;
    }

    /** `fn` runs after the state changed, at most once per animation frame. Returns what ends that. */
    subscribe(name: string, fn: () => void): () => void {
        return this.store.subscribe(name, fn);
    }

    /**
     * Calls a handler (`state.handler`; `state.set_var` sets a settable var). Offline, or over the server's
     * `in_flight`, the call waits. The promise settles when the event is done and subscribers have seen its change.
     * @throws TandemError (as rejection), with the codes listed there.
     */
    call(handler: string, args: readonly unknown[] = []): Promise<void> {
        return new Promise((resolve, reject) => {
            if (this.status === 'stopped') throw unsent(handler, 'the client is stopped');
            const encoded = JSON.stringify(args.map((arg, i) => encode(arg, `${handler}: argument ${i + 1}`)));
            const settle = (error: TandemError | null) => {
                this.count(handler, -1);
                if (error === null) resolve();
                else reject(error);
            };
            if (!this.queue.add({ handler, args: encoded, n: null, settle }))
                throw unsent(handler, 'too many calls wait already');
            this.count(handler, +1);
            this.pump();
        });
    }

    /** How many calls of a handler are not settled yet. */
    pending(handler: string): number {
        return this.pendingCalls.get(handler) ?? 0;
    }

    /** `fn` runs when `pending(handler)` changed. Returns what ends that. */
    onPending(fn: (handler: string) => void): () => void {
        return listen(this.pendingListeners, fn);
    }

    onStatus(fn: (status: Status, retry_in_ms: number | null) => void): () => void {
        return listen(this.statusListeners, fn);
    }

    /**
     * `fn` runs after each connection's `welcome`: `states` and all snapshots are the server's. Returns what ends that.
     */
    onWelcome(fn: () => void): () => void {
        return listen(this.welcomeListeners, fn);
    }

    /** Ends the connection for good. Unanswered calls fail with `lost`, waiting ones with `unsent`. */
    close(): void {
        this.stop('closed');
    }

    private receive(text: string): void {
        const frame = parseServerFrame(text);
        if (frame[0] === 'bye') return this.bye(frame[1]);
        if ((frame[0] === 'welcome') === this.welcomed) throw new ProtocolError(`${frame[0]} out of place`);
        switch (frame[0]) {
            case 'welcome':
                return this.welcome(frame[1]);
            case 'ack':
                return this.ack(frame[1], frame[2], frame[3], frame[4]);
            case 'delta':
                return this.change(frame[1], frame[3]);
            case 'call':
                // No effect is known yet.
                return this.change(frame[1], []);
            case 'snapshot':
                return this.snapshot(frame[1], frame[2]);
        }
    }

    private welcome(welcome: Welcome): void {
        const tree = decodeTree(welcome.tree);
        this.welcomed = true;
        this.states = welcome.states;
        this.synced(welcome.seq, tree);
        for (const event of this.queue.connected(welcome)) this.deliver(() => event.settle(lost(event.handler)));
        this.connection.established();
        this.tell(this.welcomeListeners);
        this.pump();
    }

    private ack(n: number, outcome: Outcome, seq: number, ops: readonly unknown[]): void {
        this.change(seq, ops);
        const event = this.queue.take(n);
        if (event === undefined) this.env.report(`an ack for event ${n}, which is not in flight`);
        else this.deliver(() => event.settle(errorOf(outcome)));
        this.pump();
    }

    private change(seq: number, ops: readonly unknown[]): void {
        if (this.resyncing) return;
        if (seq !== this.seq + 1) return this.resync(`a change is missing: after ${this.seq} came ${seq}`);
        try {
            this.store.replace(applyOps(this.store.tree, ops));
            this.seq = seq;
        } catch (error) {
            this.resync('a change does not apply', error);
        }
    }

    private resync(why: string, error?: unknown): void {
        this.env.report(`${why}; asking for the whole tree`, error);
        this.resyncing = true;
        this.connection.expectAnswer();
        this.connection.send('["resync"]');
    }

    private snapshot(seq: number, tree: Record<string, unknown>): void {
        this.synced(seq, decodeTree(tree));
        this.connection.answered();
    }

    /** The tree is the server's, as of `seq`. */
    private synced(seq: number, tree: Tree): void {
        this.seq = seq;
        this.resyncing = false;
        this.store.replace(tree);
        for (const settle of this.held.splice(0)) this.store.afterFlush(settle);
    }

    /**
     * Settles a call once its change is visible: with the next frame, or after the snapshot that is being waited for.
     */
    private deliver(settle: () => void): void {
        if (this.resyncing) this.held.push(settle);
        else this.store.afterFlush(settle);
    }

    private bye(bye: Bye): void {
        // A replaced tab must not come back, whatever is asked: the two would push each other out for ever.
        if (bye.retry_ms === null || bye.code === 'replaced') this.stop(bye.code);
        else this.connection.drop(bye.retry_ms);
    }

    private stop(code: string): void {
        if (this.status === 'stopped') return;
        this.stopped_by = code;
        this.welcomed = false;
        this.connection.stop();
        for (const settle of this.held.splice(0)) this.store.afterFlush(settle);
        for (const event of this.queue.clear()) {
            const error = event.n === null ? unsent(event.handler, 'the client stopped') : lost(event.handler);
            this.store.afterFlush(() => event.settle(error));
        }
        this.store.flushNow();
    }

    private lost(): void {
        this.welcomed = false;
        this.queue.disconnected();
    }

    private pump(): void {
        this.queue.pump((frame) => this.connection.send(frame));
    }

    private count(handler: string, by: number): void {
        const pending = this.pending(handler) + by;
        if (pending === 0) this.pendingCalls.delete(handler);
        else this.pendingCalls.set(handler, pending);
        this.tell(this.pendingListeners, handler);
    }

    private tell<A extends unknown[]>(listeners: ReadonlySet<(...args: A) => void>, ...args: A): void {
        for (const fn of [...listeners]) {
            try {
                fn(...args);
            } catch (error) {
                this.env.report('a listener threw', error);
            }
        }
    }
}

function listen<F>(listeners: Set<F>, fn: F): () => void {
    listeners.add(fn);
    return () => listeners.delete(fn);
}

function lost(handler: string): TandemError {
    return new TandemError('lost', `${handler}: the connection was lost, and it is not known whether this was done`);
}

function unsent(handler: string, why: string): TandemError {
    return new TandemError('unsent', `${handler} was not sent: ${why}`);
}
