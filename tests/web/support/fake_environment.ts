import type { Environment, SocketLike } from '@web/core/environment';

/** A socket whose other end is the test. */
export class FakeSocket implements SocketLike {
    onopen: ((event: never) => void) | null = null;
    onmessage: ((event: never) => void) | null = null;
    onclose: ((event: never) => void) | null = null;
    /** Frames that the client sent and `next()` did not take yet. */
    readonly sent: unknown[] = [];
    closed = false;

    constructor(readonly url: string) {}

    send(text: string): void {
        this.sent.push(JSON.parse(text));
    }

    close(): void {
        this.closed = true;
    }

    /** The connection stands: the client says hello. */
    accept(): void {
        this.onopen?.({} as never);
    }

    /** The server sends a frame. */
    push(frame: unknown): void {
        this.pushRaw(JSON.stringify(frame));
    }

    pushRaw(data: unknown): void {
        this.onmessage?.({ data } as never);
    }

    /** The connection is lost. */
    lose(): void {
        this.closed = true;
        this.onclose?.({} as never);
    }

    /** The oldest frame that was not looked at. */
    next(): unknown {
        return this.sent.shift();
    }
}

interface Timer {
    id: number;
    at: number;
    fn: () => void;
}

/** A browser with a clock that only the test moves; chance is always 0.5, so that delays are exact. */
export class FakeEnvironment implements Environment {
    readonly sockets: FakeSocket[] = [];
    readonly reports: string[] = [];
    refuseSockets = false;
    chance = 0.5;
    private time = 0;
    private ids = 0;
    private timers: Timer[] = [];
    private frames: { id: number; fn: () => void }[] = [];
    private isHidden = false;
    private readonly visibility = new Set<() => void>();

    openSocket(url: string): SocketLike {
        if (this.refuseSockets) throw new Error('refused');
        const socket = new FakeSocket(url);
        this.sockets.push(socket);
        return socket;
    }

    now = () => this.time;
    random = () => this.chance;

    setTimer(fn: () => void, ms: number): number {
        this.timers.push({ id: ++this.ids, at: this.time + ms, fn });
        return this.ids;
    }

    clearTimer(id: number): void {
        this.timers = this.timers.filter((timer) => timer.id !== id);
    }

    requestFrame(fn: () => void): number {
        this.frames.push({ id: ++this.ids, fn });
        return this.ids;
    }

    cancelFrame(id: number): void {
        this.frames = this.frames.filter((frame) => frame.id !== id);
    }

    hidden = () => this.isHidden;

    onVisibility(fn: () => void): () => void {
        this.visibility.add(fn);
        return () => this.visibility.delete(fn);
    }

    report(message: string): void {
        this.reports.push(message);
    }

    /** The newest socket. */
    get socket(): FakeSocket {
        return this.sockets[this.sockets.length - 1]!;
    }

    /** Lets time pass; what is due runs in order. */
    advance(ms: number): void {
        const end = this.time + ms;
        for (;;) {
            const due = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
            if (due === undefined) break;
            this.time = due.at;
            this.clearTimer(due.id);
            due.fn();
        }
        this.time = end;
    }

    /** The screen is drawn once. */
    frame(): void {
        for (const { fn } of this.frames.splice(0)) fn();
    }

    setHidden(hidden: boolean): void {
        this.isHidden = hidden;
        for (const fn of [...this.visibility]) fn();
    }
}
