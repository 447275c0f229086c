/** What the core needs from a browser, in one place, so that tests can hand in their own clock, sockets and chance. */
import { subprotocol } from './protocol';

/** The part of WebSocket that the core uses. */
export interface SocketLike {
    onopen: ((event: never) => void) | null;
    onmessage: ((event: never) => void) | null;
    onclose: ((event: never) => void) | null;
    send(text: string): void;
    close(): void;
}

export interface Environment {
    /** May throw, as `new WebSocket` does. */
    openSocket(url: string): SocketLike;
    /** A monotonic clock, in milliseconds. */
    now(): number;
    /** From 0 (included) to 1. */
    random(): number;
    setTimer(fn: () => void, ms: number): number;
    clearTimer(id: number): void;
    requestFrame(fn: () => void): number;
    cancelFrame(id: number): void;
    hidden(): boolean;
    /** `fn` runs when `hidden()` changes. Returns what ends that. */
    onVisibility(fn: () => void): () => void;
    /** Says on the console what went wrong; nothing in the core is swallowed. */
    report(message: string, detail?: unknown): void;
}

/** The browser's own. */
export function browserEnvironment(): Environment {
    return {
        openSocket: (url) => new WebSocket(url, subprotocol),
        now: () => performance.now(),
        random: () => Math.random(),
        setTimer: (fn, ms) => window.setTimeout(fn, ms),
        clearTimer: (id) => window.clearTimeout(id),
        requestFrame: (fn) => window.requestAnimationFrame(fn),
        cancelFrame: (id) => window.cancelAnimationFrame(id),
        hidden: () => document.hidden,
        onVisibility: (fn) => {
            document.addEventListener('visibilitychange', fn);
            return () => document.removeEventListener('visibilitychange', fn);
        },
        report: (message, detail) => console.warn(`tandem: ${message}`, ...(detail === undefined ? [] : [detail])),
    };
}
