import { times } from './protocol';

/**
 * The delays between attempts to reconnect: growing, and scattered so that the clients of a restarted server do not
 * return all at once.
 */
export class Backoff {
    private attempt = 0;
    private asked: number | null = null;

    /** @param random Like Math.random: from 0 (included) to 1. */
    constructor(private readonly random: () => number) {}

    /** Milliseconds to wait before the next attempt. */
    next(): number {
        if (this.asked !== null) {
            // Never earlier than the server asked for.
            const delay = this.asked * (1 + this.random() / 2);
            this.asked = null;
            return Math.round(delay);
        }
        const base = times.backoff[Math.min(this.attempt++, times.backoff.length - 1)]!;
        return Math.round(base * (0.5 + this.random()));
    }

    /** The server's own wish (`bye.retry_ms`) replaces the next delay. */
    ask(ms: number): void {
        this.asked = Math.min(ms, times.longest_retry);
    }

    /** Starts over with the shortest delay. */
    reset(): void {
        this.attempt = 0;
    }
}
