import { TandemError } from './errors';
import { limits, type Limits, type Outcome, type Welcome } from './protocol';

/** One call of a handler, from the call until its ack. */
export interface QueuedEvent {
    readonly handler: string;
    /** The arguments, encoded: JSON text. */
    readonly args: string;
    /** Given when it is first sent, kept when it is sent again; `null`: never sent. */
    n: number | null;
    settle(error: TandemError | null): void;
}

/**
 * The events that have no answer yet, in order: first the numbered ones, then those never sent. Gives numbers, keeps to
 * the server's `in_flight`, and knows what to send again on a new connection.
 */
export class EventQueue {
    private events: QueuedEvent[] = [];
    /** How many from the front were sent on this connection. */
    private sent = 0;
    private next = 1;
    private limits: Limits | null = null;

    /** False if too many wait already. */
    add(event: QueuedEvent): boolean {
        if (this.events.length - this.sent >= limits.waiting_calls) return false;
        this.events.push(event);
        return true;
    }

    /** A connection is made. Returns the events whose fate nobody knows any more; they are out of the queue. */
    connected(welcome: Welcome): QueuedEvent[] {
        this.limits = welcome.limits;
        this.sent = 0;
        const firstUnsent = this.events.findIndex((event) => event.n === null);
        const numbered = firstUnsent < 0 ? this.events : this.events.slice(0, firstUnsent);
        const first = numbered[0]?.n ?? null;
        const last = numbered[numbered.length - 1]?.n ?? null;
        // A count outside of what this page sent: the server forgot some, or another page used the tab's name.
        const known = !welcome.fresh && first !== null && welcome.n >= first - 1 && welcome.n <= last!;
        if (known) {
            this.next = last! + 1;
            return [];
        }
        this.next = welcome.n + 1;
        this.events = this.events.slice(numbered.length);
        return numbered;
    }

    disconnected(): void {
        this.limits = null;
        this.sent = 0;
    }

    /** Sends what may be sent now. An event that is longer than the server takes fails as `invalid`. */
    pump(send: (frame: string) => void): void {
        while (this.limits !== null && this.sent < this.events.length && this.sent < this.limits.in_flight) {
            const event = this.events[this.sent]!;
            const frame = `["event",${event.n ?? this.next},${JSON.stringify(event.handler)},${event.args}]`;
            if (event.n === null && longer(frame, this.limits.message_bytes)) {
                this.events.splice(this.sent, 1);
                event.settle(
                    new TandemError(
                        'invalid',
                        `${event.handler}: the arguments are too long (${this.limits.message_bytes} bytes at most)`,
                    ),
                );
                continue;
            }
            event.n ??= this.next++;
            ++this.sent;
            send(frame);
        }
    }

    /** Takes the answered event out; undefined if no event sent on this connection has this number. */
    take(n: number): QueuedEvent | undefined {
        const at = this.events.findIndex((event, i) => i < this.sent && event.n === n);
        if (at < 0) return undefined;
        --this.sent;
        return this.events.splice(at, 1)[0];
    }

    /** Takes all events out. */
    clear(): QueuedEvent[] {
        this.sent = 0;
        return this.events.splice(0);
    }
}

/** What the promise of an event is rejected with; null for `ok`. */
export function errorOf(outcome: Outcome): TandemError | null {
    if (outcome === 'ok') return null;
    return new TandemError(outcome.code, outcome.message, outcome.id, outcome.fields, outcome.detail);
}

function longer(text: string, bytes: number): boolean {
    if (text.length * 3 <= bytes) return false;
    return new TextEncoder().encode(text).length > bytes;
}
