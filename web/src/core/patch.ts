/**
 * Applies the ops of an `ack` or `delta` to a tree (protocol.md, "Ops"), copy on write: what a frame does not touch
 * keeps its identity, what it touches is copied once. Everything is frozen, before and after.
 */
import { ProtocolError } from './errors';
import type { Path, Tree } from './protocol';
import { decode, setMember } from './values';

type Members = Record<string, unknown>;
type Container = Members | unknown[];

/**
 * The tree after `ops`, a new one. The old tree is never changed. `ops` must come fresh from JSON.parse: its values are
 * decoded in place.
 * @throws ProtocolError if an op is malformed or does not apply; RangeError if a value is nested too deep for the
 *     engine.
 */
export function applyOps(tree: Tree, ops: readonly unknown[]): Tree {
    if (ops.length === 0) return tree;
    return new Patch(tree).run(ops);
}

class Patch {
    /** Copies made by this patch: they may still be changed, and are frozen at the end. */
    private readonly owned = new Set<object>();
    private root: Members;

    constructor(tree: Tree) {
        this.root = this.own({ ...tree });
    }

    run(ops: readonly unknown[]): Tree {
        for (const op of ops) this.apply(op);
        for (const state of Object.values(this.root)) {
            if (!isMembers(state)) throw new ProtocolError('a state is not an object');
        }
        for (const copy of this.owned) Object.freeze(copy);
        return this.root as Tree;
    }

    private apply(op: unknown): void {
        if (!Array.isArray(op)) throw malformed('an op is not an array');
        const path = readPath(op[1]);
        switch (op[0]) {
            case 's':
                if (op.length < 3) throw malformed('s without a value');
                return this.set(path, op[2]);
            case 'd':
                return this.remove(path);
            case 'a':
                return this.append(path, op[2]);
            case 'p':
                return this.splice(path, op[2], op[3], op[4]);
            case 'm':
                return this.move(path, op[2], op[3]);
            case 'r':
                return this.removeMany(path, op[2]);
            case 'o':
                return this.reorder(path, op[2]);
            default:
                throw malformed('unknown op');
        }
    }

    private set(path: Path, value: unknown): void {
        const [container, key] = this.place(path);
        if (Array.isArray(container)) {
            container[index(key, container.length - 1)] = decode(value);
        } else {
            setMember(container, memberKey(key), decode(value));
        }
    }

    private remove(path: Path): void {
        const [container, key] = this.place(path);
        if (Array.isArray(container)) throw malformed('d in a list');
        const member = memberKey(key);
        if (!Object.hasOwn(container, member)) throw malformed('d of a missing member');
        delete container[member];
    }

    private append(path: Path, text: unknown): void {
        if (typeof text !== 'string') throw malformed('a without text');
        const [container, key] = this.place(path);
        const old = read(container, key);
        if (typeof old !== 'string') throw malformed('a to something that is not a string');
        write(container, key, old + text);
    }

    private splice(path: Path, at: unknown, del: unknown, items: unknown): void {
        if (!Array.isArray(items)) throw malformed('p without items');
        const list = this.list(path);
        const from = index(at, list.length);
        const to = from + index(del, list.length - from);
        decode(items);
        const tail = list.slice(to);
        list.length = from;
        // Pushed one by one: spreading a long list into arguments overflows the stack.
        for (const item of items) list.push(item);
        for (const item of tail) list.push(item);
    }

    private move(path: Path, from: unknown, to: unknown): void {
        const list = this.list(path);
        const source = index(from, list.length - 1);
        const target = index(to, list.length - 1);
        list.splice(target, 0, ...list.splice(source, 1));
    }

    private removeMany(path: Path, runs: unknown): void {
        if (!Array.isArray(runs)) throw malformed('r without indices');
        const list = this.list(path);
        let kept = 0;
        let next = 0;
        for (const run of runs as unknown[]) {
            const [start, count] = Array.isArray(run) ? (run as unknown[]) : [run, 1];
            const first = index(start, list.length - 1);
            const length = index(count, list.length - first);
            if (first < next || length === 0) throw malformed('r with indices out of order');
            while (next < first) list[kept++] = list[next++];
            next = first + length;
        }
        while (next < list.length) list[kept++] = list[next++];
        list.length = kept;
    }

    private reorder(path: Path, order: unknown): void {
        if (!Array.isArray(order)) throw malformed('o without an order');
        const list = this.list(path);
        if (order.length !== list.length) throw malformed('o of another length');
        const old = list.slice();
        const taken = new Uint8Array(old.length);
        for (let k = 0; k < old.length; ++k) {
            const source = index(order[k], old.length - 1);
            if (taken[source]) throw malformed('o takes an element twice');
            taken[source] = 1;
            list[k] = old[source];
        }
    }

    /** The container that holds the path's last key, copied and with all above it; and that key. */
    private place(path: Path): [Container, string | number] {
        const key = path[path.length - 1];
        if (key === undefined) throw malformed('an empty path');
        let container: Container = this.root;
        for (let i = 0; i < path.length - 1; ++i) container = this.child(container, path[i]!);
        return [container, key];
    }

    private list(path: Path): unknown[] {
        const [container, key] = this.place(path);
        const list = this.child(container, key);
        if (!Array.isArray(list)) throw malformed('not a list');
        return list;
    }

    /** The container at `key`, replaced by a copy if it is not one yet. */
    private child(container: Container, key: string | number): Container {
        const old = read(container, key);
        if (typeof old !== 'object' || old === null)
            throw malformed('a path goes through something that is not a container');
        if (this.owned.has(old)) return old as Container;
        const copy = this.own(Array.isArray(old) ? old.slice() : { ...(old as Members) });
        write(container, key, copy);
        return copy;
    }

    private own<T extends object>(copy: T): T {
        this.owned.add(copy);
        return copy;
    }
}

function read(container: Container, key: string | number): unknown {
    if (Array.isArray(container)) return container[index(key, container.length - 1)];
    const member = memberKey(key);
    if (!Object.hasOwn(container, member)) throw malformed('a path goes through a missing member');
    return container[member];
}

function write(container: Container, key: string | number, value: unknown): void {
    if (Array.isArray(container)) container[key as number] = value;
    else setMember(container, key as string, value);
}

function readPath(path: unknown): Path {
    if (!Array.isArray(path)) throw malformed('a path is not an array');
    return path as Path;
}

/** `value` as an index or a count, checked to be from 0 to `most`. */
function index(value: unknown, most: number): number {
    if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > most)
        throw malformed('an index is out of range');
    return value as number;
}

function memberKey(key: unknown): string {
    if (typeof key !== 'string') throw malformed('a member is not named by a string');
    return key;
}

function isMembers(value: unknown): value is Members {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(what: string): ProtocolError {
    return new ProtocolError(`an op does not apply: ${what}`);
}
