import { FrameBatch } from './batch';
import type { Environment } from './environment';
import type { Tree, ValueObject } from './protocol';

const nothing: ValueObject = Object.freeze({});

/** Holds the tree and tells subscribers, once per frame, which states changed. */
export class Store {
    private current: Tree = Object.freeze({});
    private shown: Tree = this.current;
    private readonly subscribers = new Map<string, Set<() => void>>();
    private afterwards: (() => void)[] = [];
    private readonly batch: FrameBatch;

    constructor(private readonly env: Environment) {
        this.batch = new FrameBatch(env, () => this.flush());
    }

    get tree(): Tree {
        return this.current;
    }

    /** The whole tree as of now; subscribers hear of it with the next frame. */
    replace(tree: Tree): void {
        this.current = tree;
        this.batch.schedule();
    }

    state(name: string): ValueObject {
        return Object.hasOwn(this.current, name) ? this.current[name]! : nothing;
    }

    subscribe(name: string, fn: () => void): () => void {
        const subscriber = () => fn();
        const others = this.subscribers.get(name) ?? new Set();
        this.subscribers.set(name, others.add(subscriber));
        return () => {
            others.delete(subscriber);
            if (others.size === 0 && this.subscribers.get(name) === others) this.subscribers.delete(name);
        };
    }

    /** `fn` runs when everything that is in the tree now has been told to the subscribers. */
    afterFlush(fn: () => void): void {
        this.afterwards.push(fn);
        this.batch.schedule();
    }

    /** Tells subscribers now. */
    flushNow(): void {
        this.batch.run();
    }

    private flush(): void {
        const before = this.shown;
        this.shown = this.current;
        const afterwards = this.afterwards;
        this.afterwards = [];
        for (const [name, subscribers] of [...this.subscribers]) {
            if (before[name] === this.shown[name]) continue;
            for (const fn of [...subscribers]) this.guarded(fn);
        }
        for (const fn of afterwards) this.guarded(fn);
    }

    private guarded(fn: () => void): void {
        try {
            fn();
        } catch (error) {
            this.env.report('a subscriber threw', error);
        }
    }
}
