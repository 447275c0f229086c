/**
 * The words of the wire, as in framework/protocol.md: names, frame types, and every time and limit of the client.
 */

export const proto = 1;
export const subprotocol = 'tandem.1';

/** All times in milliseconds. */
export const times = {
    /** Delays before the 1st, 2nd … attempt to reconnect; the last one repeats. Each is multiplied by 0.5 to 1.5. */
    backoff: [10, 50, 100, 150, 200, 250, 500, 1000, 2000, 5000],
    /**
     * A connection that lived this long starts the delays over; a shorter one does not, so that a server that fails at
     * once is not hammered.
     */
    stable: 5000,
    /** Without `welcome` or `snapshot` for this long the connection is given up and made again. */
    answer: 10_000,
    /** A change is shown after at most this time where animation frames do not run (hidden tab). */
    batch: 250,
    /** The longest `bye.retry_ms` that is believed. */
    longest_retry: 3_600_000,
} as const;

export const limits = {
    /** Calls that wait in the page (offline, or more than `in_flight`); one more is rejected as `unsent`. */
    waiting_calls: 256,
    /** Levels of nesting in one argument. */
    argument_depth: 64,
} as const;

/** A decoded value: JSON, and a `BigInt` for an integer beyond 2^53-1. Lists and objects are frozen. */
export type Value = null | boolean | number | bigint | string | readonly Value[] | ValueObject;
export type ValueObject = { readonly [key: string]: Value };
/** States by name, each an object of vars by name. */
export type Tree = { readonly [state: string]: ValueObject };

export type Path = readonly (string | number)[];

export type Op =
    | readonly ['s', Path, unknown]
    | readonly ['d', Path]
    | readonly ['a', Path, string]
    | readonly ['p', Path, number, number, readonly unknown[]]
    | readonly ['m', Path, number, number]
    | readonly ['r', Path, readonly (number | readonly [number, number])[]]
    | readonly ['o', Path, readonly number[]];

export interface Hello {
    proto: typeof proto;
    /** The build id that the page was served with. */
    build: string;
    /** 32 lower-case hex digits, the tab's secret. */
    tab: string;
    /** The path that the tab shows. */
    page: string;
    token: null;
    resume: null;
}

export type ClientFrame = ['hello', Hello] | ['event', number, string, unknown[]] | ['resync'];

export interface Limits {
    /** Longest frame the server takes, in bytes of UTF-8. */
    message_bytes: number;
    /** How many events may be unanswered. */
    in_flight: number;
}

/** What the page may do with one state. */
export interface StateSpec {
    handlers: readonly string[];
    settable: readonly string[];
}
export type StateSpecs = { readonly [state: string]: StateSpec };

export interface Welcome {
    proto: number;
    build: string;
    fresh: boolean;
    n: number;
    seq: number;
    limits: Limits;
    states: StateSpecs;
    /** Still encoded. */
    tree: Record<string, unknown>;
}

export interface Failure {
    code: string;
    message: string;
    id?: string;
    fields?: Record<string, string>;
    detail?: string;
}
export type Outcome = 'ok' | Failure;

export interface Bye {
    code: string;
    /** When to come back; `null`: do not. */
    retry_ms: number | null;
}

/** Ops and trees are as received: `patch.ts` and `values.ts` check them. */
export type ServerFrame =
    | ['welcome', Welcome]
    | ['ack', number, Outcome, number, readonly unknown[]]
    | ['delta', number, number, readonly unknown[]]
    | ['snapshot', number, Record<string, unknown>]
    | ['call', number, unknown]
    | ['bye', Bye];
