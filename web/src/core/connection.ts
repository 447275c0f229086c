import { Backoff } from './backoff';
import type { Environment, SocketLike } from './environment';
import { times } from './protocol';

/** `connecting`: the first attempt. `offline`: lost, and being made again. `stopped`: for good. */
export type Status = 'connecting' | 'online' | 'offline' | 'stopped';

export interface ConnectionEvents {
    /** The socket is open; nothing was said yet. */
    opened(): void;
    /** A text frame. Whatever this throws makes the connection start over. */
    received(text: string): void;
    /** The socket is gone. */
    lost(): void;
    statusChanged(): void;
}

/**
 * One socket after the other to the same place: connects, notices losses and silence, waits and connects again. Knows
 * no frames.
 */
export class Connection {
    status: Status = 'connecting';
    /** Milliseconds from the last change of status until the next attempt; null if none is timed. */
    retry_in_ms: number | null = null;

    private socket: SocketLike | null = null;
    private onlineSince: number | null = null;
    private retryTimer: number | null = null;
    private answerTimer: number | null = null;
    private readonly backoff: Backoff;
    private readonly endVisibility: () => void;

    constructor(
        private readonly url: string,
        private readonly env: Environment,
        private readonly events: ConnectionEvents,
    ) {
        this.backoff = new Backoff(env.random);
        this.endVisibility = env.onVisibility(() => {
            if (!env.hidden() && this.status === 'offline' && this.socket === null) this.open();
        });
    }

    open(): void {
        this.clearRetry();
        let socket: SocketLike;
        try {
            socket = this.env.openSocket(this.url);
        } catch (error) {
            this.env.report('no socket can be opened', error);
            this.retry();
            return;
        }
        this.socket = socket;
        this.expectAnswer();
        socket.onopen = () => {
            if (socket === this.socket) this.events.opened();
        };
        socket.onmessage = (event: { data: unknown }) => {
            if (socket === this.socket) this.receive(event.data);
        };
        socket.onclose = () => {
            if (socket === this.socket) this.drop();
        };
    }

    send(text: string): void {
        this.socket?.send(text);
    }

    /** The server said welcome. */
    established(): void {
        this.onlineSince = this.env.now();
        this.answered();
        this.become('online', null);
    }

    /** From now until `answered()` the server must not be silent for longer than `times.answer`. */
    expectAnswer(): void {
        this.answered();
        this.answerTimer = this.env.setTimer(() => {
            this.env.report('the server does not answer');
            this.drop();
        }, times.answer);
    }

    answered(): void {
        if (this.answerTimer !== null) this.env.clearTimer(this.answerTimer);
        this.answerTimer = null;
    }

    /** Gives the socket up and connects again, after `ms` if given. */
    drop(ms?: number): void {
        if (this.status === 'stopped') return;
        if (this.onlineSince !== null && this.env.now() - this.onlineSince >= times.stable) this.backoff.reset();
        if (ms !== undefined) this.backoff.ask(ms);
        this.abandon();
        this.events.lost();
        this.retry();
    }

    /** Gives the socket up for good. */
    stop(): void {
        if (this.status === 'stopped') return;
        this.clearRetry();
        this.endVisibility();
        this.abandon();
        this.become('stopped', null);
    }

    private receive(data: unknown): void {
        try {
            if (typeof data !== 'string') throw new TypeError('a frame is not text');
            this.events.received(data);
        } catch (error) {
            this.env.report('the server sent something unreadable; connecting again', error);
            this.drop();
        }
    }

    private retry(): void {
        const delay = this.backoff.next();
        this.retryTimer = this.env.setTimer(() => {
            this.retryTimer = null;
            // While hidden: not at all. The page's becoming visible opens.
            if (this.env.hidden()) this.become('offline', null);
            else this.open();
        }, delay);
        this.become('offline', delay);
    }

    private clearRetry(): void {
        if (this.retryTimer !== null) this.env.clearTimer(this.retryTimer);
        this.retryTimer = null;
    }

    private abandon(): void {
        const socket = this.socket;
        this.socket = null;
        this.onlineSince = null;
        this.answered();
        socket?.close();
    }

    private become(status: Status, retry_in_ms: number | null): void {
        this.status = status;
        this.retry_in_ms = retry_in_ms;
        this.events.statusChanged();
    }
}
