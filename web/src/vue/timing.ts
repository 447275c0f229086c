/** `debounce` and `throttle` of handlers. Both return one promise for all calls that end up in the same event. */

type Call = (...args: unknown[]) => Promise<void>;

interface Waiting {
    args: unknown[];
    promise: Promise<void>;
    run(): void;
}

/**
 * Calls `fn` when no call came for `ms`, with the last arguments. A call that differs in anything but its last argument
 * means another thing (another row): then the waiting one runs at once.
 */
export function debounce(fn: Call, ms: number): Call {
    let waiting: Waiting | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const fire = () => {
        clearTimeout(timer);
        const due = waiting;
        waiting = null;
        due?.run();
    };
    return (...args) => {
        if (waiting !== null && !sameThing(waiting.args, args)) fire();
        if (waiting === null) waiting = wait(fn, args);
        else waiting.args = args;
        clearTimeout(timer);
        timer = setTimeout(fire, ms);
        return waiting.promise;
    };
}

/** Calls `fn` at once, then at most once per `ms`; the last call of a period runs at its end. */
export function throttle(fn: Call, ms: number): Call {
    let waiting: Waiting | null = null;
    let closed = false;
    const open = () => {
        closed = false;
        if (waiting === null) return;
        const due = waiting;
        waiting = null;
        close();
        due.run();
    };
    const close = () => {
        closed = true;
        setTimeout(open, ms);
    };
    return (...args) => {
        if (!closed) {
            close();
            return fn(...args);
        }
        if (waiting !== null && !sameThing(waiting.args, args)) {
            const due = waiting;
            waiting = null;
            due.run();
        }
        if (waiting === null) waiting = wait(fn, args);
        else waiting.args = args;
        return waiting.promise;
    };
}

function wait(fn: Call, args: unknown[]): Waiting {
    let settle!: (result: Promise<void>) => void;
    const promise = new Promise<void>((resolve) => (settle = resolve));
    promise.catch(() => undefined);
    const waiting: Waiting = { args, promise, run: () => settle(fn(...waiting.args)) };
    return waiting;
}

function sameThing(a: unknown[], b: unknown[]): boolean {
    return a.length === b.length && a.every((arg, i) => i === a.length - 1 || Object.is(arg, b[i]));
}
