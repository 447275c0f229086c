/**
 * Values on the wire (protocol.md, "Values"): integers beyond 2^53-1 travel as `~i123`, a string that begins with `~`
 * with one more `~`.
 */
import { ProtocolError, TandemError } from './errors';
import { limits, type Tree, type Value } from './protocol';

const bigIntegerText = /^~i-?[0-9]{1,20}$/;

/**
 * Decodes a value fresh from JSON.parse, in place, and freezes it: the caller must own it.
 * @throws ProtocolError for a string with an unknown tag; RangeError if it is nested too deep for the engine.
 */
export function decode(value: unknown): Value {
    if (typeof value === 'string') return decodeText(value);
    if (typeof value !== 'object' || value === null) return value as Value;
    if (Array.isArray(value)) {
        for (let i = 0; i < value.length; ++i) value[i] = decode(value[i]);
    } else {
        const members = value as Record<string, unknown>;
        for (const key of Object.keys(members)) {
            const member = members[key];
            const decoded = decode(member);
            if (decoded !== member) setMember(members, key, decoded);
        }
    }
    return Object.freeze(value) as Value;
}

/** Decodes a tree of states. @throws ProtocolError also if a state is not an object. */
export function decodeTree(tree: Record<string, unknown>): Tree {
    for (const state of Object.values(tree)) {
        if (typeof state !== 'object' || state === null || Array.isArray(state))
            throw new ProtocolError('a state is not an object');
    }
    return decode(tree) as Tree;
}

function decodeText(text: string): Value {
    if (text.charCodeAt(0) !== 0x7e) return text;
    if (text.charCodeAt(1) === 0x7e) return text.slice(1);
    if (!bigIntegerText.test(text)) throw new ProtocolError(`a value has an unknown tag: ${text.slice(0, 20)}`);
    return BigInt(text.slice(2));
}

/**
 * Assigns an own member, `__proto__` too: it is an ordinary key on the wire, and must not become the prototype here.
 */
export function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
    if (key === '__proto__') {
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
    } else {
        object[key] = value;
    }
}

/**
 * Encodes an argument into what JSON.stringify can write. Takes what the table of protocol.md has: null, booleans,
 * finite numbers, BigInts, strings, lists, plain objects; also `undefined` (left out of objects, else null) and `Date`
 * (as a Timestamp).
 * @throws TandemError `invalid` for anything else, naming it and where it is.
 */
export function encode(value: unknown, where = 'the argument', depth = 0): unknown {
    switch (typeof value) {
        case 'boolean':
            return value;
        case 'undefined':
            return null;
        case 'number':
            if (!Number.isFinite(value)) throw invalid(where, String(value));
            return value;
        case 'bigint':
            return BigInt.asIntN(54, value) === value && value !== -(2n ** 53n) ? Number(value) : `~i${value}`;
        case 'string':
            return value.startsWith('~') ? `~${value}` : value;
        case 'object':
            break;
        default:
            throw invalid(where, `a ${typeof value}`);
    }
    if (value === null) return null;
    if (depth >= limits.argument_depth) throw invalid(where, 'nested too deep or in a cycle');
    if (Array.isArray(value)) return Array.from(value, (element, i) => encode(element, `${where}[${i}]`, depth + 1));
    if (value instanceof Date) return encodeDate(value, where);
    return encodeObject(value, where, depth);
}

function encodeObject(value: object, where: string, depth: number): Record<string, unknown> {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && Object.prototype.toString.call(value) !== '[object Object]') {
        throw invalid(where, `a ${Object.prototype.toString.call(value).slice(8, -1)}`);
    }
    const result: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
        if (member !== undefined) setMember(result, key, encode(member, `${where}.${key}`, depth + 1));
    }
    return result;
}

function encodeDate(value: Date, where: string): string {
    if (Number.isNaN(value.getTime())) throw invalid(where, 'an invalid date');
    const iso = value.toISOString();
    return iso.endsWith('.000Z') ? iso.replace('.000Z', 'Z') : iso.replace('Z', '000Z');
}

function invalid(where: string, what: string): TandemError {
    return new TandemError('invalid', `${where} cannot be sent: it is ${what}`);
}
