import { shallowReactive } from 'vue';
import type { Client } from '../core';
import { createHandler, type Handler } from './handler';

/** A state as a template sees it: vars to read, handlers to call, settable vars to assign. */
export type Facade = Record<string, unknown>;

/**
 * The reactive face of the state `name`. Vars are shallow: what is inside them is frozen, and replaced when it changes.
 * Assigning a settable var shows the new value at once and sends `state.set_var`; when that is answered, or failed, the
 * server's value shows. Each settable var also has `set_var` as a handler, for its `busy` and `error`.
 */
export function createFacade(client: Client, name: string): Facade {
    const vars = members();
    const written = members();
    const writes = new Map<string, number>();
    const handlers = new Map<string, Handler>();

    const update = () => {
        const now = client.state<Record<string, unknown>>(name);
        for (const key of Object.keys(vars)) if (!Object.hasOwn(now, key)) delete vars[key];
        for (const key of Object.keys(now)) vars[key] = now[key];
    };
    const describe = () => {
        const { handlers: called, settable } = client.states[name] ?? { handlers: [], settable: [] };
        const known = new Set([...called, ...settable.map((key) => `set_${key}`)]);
        for (const key of [...handlers.keys()]) if (!known.has(key)) handlers.delete(key);
        for (const key of known) if (!handlers.has(key)) handlers.set(key, createHandler(client, `${name}.${key}`));
    };
    const write = (key: string, value: unknown) => {
        const mine = (writes.get(key) ?? 0) + 1;
        writes.set(key, mine);
        written[key] = value;
        const done = () => {
            if (writes.get(key) === mine) delete written[key];
        };
        handlers.get(`set_${key}`)!(value).then(done, done);
    };

    update();
    describe();
    client.subscribe(name, update);
    client.onWelcome(describe);

    return new Proxy<Facade>(
        {},
        {
            get: (_, key) => {
                if (typeof key === 'symbol') return undefined;
                // Vue asks with these what an object is: this one is left as it is.
                if (key.startsWith('__v_')) return key === '__v_skip' ? true : undefined;
                if (key in written) return written[key];
                return key in vars ? vars[key] : handlers.get(key);
            },
            set: (_, key, value) => {
                if (typeof key === 'string' && client.states[name]?.settable.includes(key)) write(key, value);
                else console.warn(`tandem: ${name}.${String(key)} cannot be assigned: it is not a settable var`);
                return true;
            },
            deleteProperty: (_, key) => {
                console.warn(`tandem: ${name}.${String(key)} cannot be deleted`);
                return true;
            },
            has: (_, key) => typeof key === 'string' && (key in vars || handlers.has(key)),
            ownKeys: () => Reflect.ownKeys(vars),
            getOwnPropertyDescriptor: (_, key) => {
                if (typeof key === 'symbol' || !(key in vars)) return undefined;
                return {
                    value: key in written ? written[key] : vars[key],
                    enumerable: true,
                    configurable: true,
                    writable: true,
                };
            },
        },
    );
}

/** A reactive object without a prototype: any name may be a var. */
function members(): Record<string, unknown> {
    return shallowReactive(Object.create(null) as Record<string, unknown>);
}
