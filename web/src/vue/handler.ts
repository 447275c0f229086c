import { shallowReactive } from 'vue';
import { TandemError, type Client } from '../core';
import { debounce, throttle } from './timing';

/** A handler as a page's template sees it. `busy` and `error` are reactive. */
export interface Handler {
    /**
     * Calls the handler. The promise rejects with a TandemError, but a rejection that nobody looks at is not reported:
     * `error` has it. A lone DOM event is not sent, so that `@click="counter.add"` calls without arguments.
     */
    (...args: unknown[]): Promise<void>;
    /** A call is not settled yet. */
    readonly busy: boolean;
    /** Why the last call failed; null from the next call on. Assign null to take it away before. */
    error: TandemError | null;
    /** The handler, called when nothing called it for `ms`, with the last arguments. */
    debounce(ms: number): (...args: unknown[]) => Promise<void>;
    /** The handler, called at most once per `ms`: at once, and at the end with the last arguments. */
    throttle(ms: number): (...args: unknown[]) => Promise<void>;
}

/** The function for `name` (`state.handler`); it stays current as long as the client lives. */
export function createHandler(client: Client, name: string): Handler {
    const shown = shallowReactive<{ busy: boolean; error: TandemError | null }>({
        busy: client.pending(name) > 0,
        error: null,
    });
    client.onPending((changed) => {
        if (changed === name) shown.busy = client.pending(name) > 0;
    });
    let last = 0;
    const call = (...args: unknown[]): Promise<void> => {
        const mine = ++last;
        shown.error = null;
        const result = client.call(name, args.length === 1 && args[0] instanceof Event ? [] : args);
        result.catch((error: unknown) => {
            if (mine === last)
                shown.error = error instanceof TandemError ? error : new TandemError('failed', String(error));
        });
        return result;
    };
    return Object.defineProperties(call, {
        busy: { get: () => shown.busy },
        error: { get: () => shown.error, set: (error: TandemError | null) => (shown.error = error) },
        debounce: { value: remembered((ms) => debounce(call, ms)) },
        throttle: { value: remembered((ms) => throttle(call, ms)) },
    }) as Handler;
}

/** A template evaluates `.debounce(200)` anew with each event: it must get the same function each time. */
function remembered<T>(make: (ms: number) => T): (ms: number) => T {
    const made = new Map<number, T>();
    return (ms) => {
        const known = made.get(ms) ?? make(ms);
        made.set(ms, known);
        return known;
    };
}
