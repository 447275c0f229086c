import { describe, expect, it } from 'vitest';
import { ProtocolError } from '@web/core/errors';
import { applyOps } from '@web/core/patch';
import type { Tree } from '@web/core/protocol';
import { decodeTree } from '@web/core/values';

const tree = (value: unknown): Tree => decodeTree(structuredClone(value) as Record<string, unknown>);
const after = (value: unknown, ...ops: unknown[]) => applyOps(tree(value), structuredClone(ops));
const list = (items: unknown[], ...ops: unknown[]) => after({ s: { l: items } }, ...ops)['s']!['l'];
const at = ['s', 'l'];

describe('s', () => {
    it('sets a member', () => expect(after({ s: { a: 1 } }, ['s', ['s', 'a'], 2])).toStrictEqual({ s: { a: 2 } }));
    it('adds a member', () => expect(after({ s: {} }, ['s', ['s', 'a'], 2])).toStrictEqual({ s: { a: 2 } }));
    it('adds a state', () => expect(after({}, ['s', ['s'], { a: 2 }])).toStrictEqual({ s: { a: 2 } }));
    it('sets a list element', () => expect(list([1, 2], ['s', [...at, 1], 3])).toStrictEqual([1, 3]));
    it('sets a member of a list element', () =>
        expect(list([{ a: 1 }], ['s', [...at, 0, 'a'], 3])).toStrictEqual([{ a: 3 }]));
    it('decodes the value', () =>
        expect(after({ s: {} }, ['s', ['s', 'a'], ['~i9007199254740992', '~~x']])['s']!['a']).toStrictEqual([
            9007199254740992n,
            '~x',
        ]));
});

describe('d', () => {
    it('deletes a member', () =>
        expect(after({ s: { a: 1, b: 2 } }, ['d', ['s', 'a']])).toStrictEqual({ s: { b: 2 } }));
});

describe('a', () => {
    it('appends to a member', () =>
        expect(after({ s: { a: 'x' } }, ['a', ['s', 'a'], 'y'])).toStrictEqual({ s: { a: 'xy' } }));
    it('appends to a list element', () => expect(list(['x'], ['a', [...at, 0], 'y'])).toStrictEqual(['xy']));
    it('takes the text raw', () =>
        expect(after({ s: { a: '~~x' } }, ['a', ['s', 'a'], '~i5'])['s']!['a']).toBe('~x~i5'));
});

describe('p', () => {
    it('inserts at the head', () => expect(list([1, 2], ['p', at, 0, 0, [8, 9]])).toStrictEqual([8, 9, 1, 2]));
    it('inserts at the end', () => expect(list([1], ['p', at, 1, 0, [2]])).toStrictEqual([1, 2]));
    it('deletes and inserts in the middle', () =>
        expect(list([1, 2, 3, 4], ['p', at, 1, 2, [9]])).toStrictEqual([1, 9, 4]));
    it('decodes the items', () => expect(list([], ['p', at, 0, 0, ['~~x']])).toStrictEqual(['~x']));
    it('inserts half a million items', () => {
        const items = Array.from({ length: 500_000 }, (_, i) => i);
        const result = list([-1, -2], ['p', at, 1, 0, items]) as number[];
        expect(result.length).toBe(500_002);
        expect([result[0], result[1], result[500_000], result[500_001]]).toEqual([-1, 0, 499_999, -2]);
    });
});

describe('m', () => {
    it('moves to the head', () => expect(list([1, 2, 3], ['m', at, 2, 0])).toStrictEqual([3, 1, 2]));
    it('counts the target after taking the element out', () =>
        expect(list([1, 2, 3], ['m', at, 0, 2])).toStrictEqual([2, 3, 1]));
});

describe('r', () => {
    it('removes indices and runs, counted before the op', () => {
        expect(list([0, 1, 2, 3, 4, 5, 6], ['r', at, [0, [2, 3], 6]])).toStrictEqual([1, 5]);
    });
    it('removes everything', () => expect(list([1, 2], ['r', at, [[0, 2]]])).toStrictEqual([]));
});

describe('o', () => {
    it('puts element old[k] at k', () =>
        expect(list(['a', 'b', 'c'], ['o', at, [2, 0, 1]])).toStrictEqual(['c', 'a', 'b']));
});

it('applies each op to the result of the one before', () => {
    expect(
        list([1], ['p', at, 1, 0, [{ a: 1 }]], ['m', at, 1, 0], ['s', [...at, 0, 'a'], 2], ['r', at, [1]]),
    ).toStrictEqual([{ a: 2 }]);
});

describe('an op that does not apply', () => {
    const bad: [string, unknown][] = [
        ['is not an array', 's'],
        ['is unknown', ['x', at]],
        ['has no path', ['s']],
        ['has an empty path', ['s', [], {}]],
        ['has a path of another type', ['s', 's.l', 1]],
        ['has no value', ['s', ['s', 'a']]],
        ['goes through a missing state', ['s', ['t', 'a'], 1]],
        ['goes through a missing member', ['s', ['s', 'none', 'a'], 1]],
        ['goes through a number', ['s', ['s', 'n', 'a'], 1]],
        ['goes through null', ['s', ['s', 'null', 'a'], 1]],
        ['makes a state a number', ['s', ['s'], 1]],
        ['makes a state a list', ['s', ['s'], []]],
        ['sets behind the end of a list', ['s', [...at, 3], 1]],
        ['sets at a negative index', ['s', [...at, -1], 1]],
        ['sets at a fraction', ['s', [...at, 0.5], 1]],
        ['sets at a huge index', ['s', [...at, 4294967295], 1]],
        ['sets the length of a list', ['s', [...at, 'length'], 0]],
        ['names a list element by a string', ['s', [...at, '0'], 1]],
        ['names a member by a number', ['s', ['s', 1], 1]],
        ['names a member by null', ['s', ['s', null], 1]],
        ['has a value with an unknown tag', ['s', ['s', 'a'], '~?']],
        ['deletes a missing member', ['d', ['s', 'none']]],
        ['deletes in a list', ['d', [...at, 0]]],
        ['appends to a number', ['a', ['s', 'n'], 'x']],
        ['appends a number', ['a', ['s', 't'], 1]],
        ['appends to a missing member', ['a', ['s', 'none'], 'x']],
        ['splices a string', ['p', ['s', 't'], 0, 0, []]],
        ['splices without items', ['p', at, 0, 0]],
        ['splices behind the end', ['p', at, 4, 0, [1]]],
        ['deletes more than there is', ['p', at, 1, 3, []]],
        ['deletes a negative count', ['p', at, 1, -1, []]],
        ['moves from behind the end', ['m', at, 3, 0]],
        ['moves to behind the end', ['m', at, 0, 3]],
        ['moves in an object', ['m', ['s'], 0, 0]],
        ['removes behind the end', ['r', at, [3]]],
        ['removes a run over the end', ['r', at, [[2, 2]]]],
        ['removes an empty run', ['r', at, [[1, 0]]]],
        ['removes out of order', ['r', at, [1, 0]]],
        ['removes an index twice', ['r', at, [[0, 2], 1]]],
        ['removes nothing readable', ['r', at, ['0']]],
        ['reorders to another length', ['o', at, [0, 1]]],
        ['reorders with a double', ['o', at, [0, 1, 1]]],
        ['reorders out of range', ['o', at, [0, 1, 3]]],
        ['goes through __proto__', ['s', ['__proto__', 'polluted'], 1]],
        ['goes through a state to __proto__', ['s', ['s', '__proto__', 'polluted'], 1]],
        ['goes through constructor', ['s', ['s', 'constructor', 'prototype', 'polluted'], 1]],
        ['goes through a list to __proto__', ['s', [...at, '__proto__', 'polluted'], 1]],
    ];

    it.each(bad)('throws when it %s, and the tree stays as it was', (_, op) => {
        const before = tree({ s: { l: [1, 2, 3], n: 1, t: 'x', null: null } });
        const copy = structuredClone(before);
        expect(() => applyOps(before, [['s', ['s', 'n'], 2], ['p', at, 0, 0, []], op])).toThrow(ProtocolError);
        expect(before).toStrictEqual(copy);
        expect('polluted' in {}).toBe(false);
    });
});

describe('__proto__ as a key', () => {
    it('is set as an own member', () => {
        const op: unknown = JSON.parse('["s",["s","__proto__"],{"polluted":true}]');
        const state = applyOps(tree({ s: {} }), [op])['s']!;
        expect(Object.hasOwn(state, '__proto__')).toBe(true);
        expect('polluted' in state).toBe(false);
        expect('polluted' in {}).toBe(false);
    });

    it('survives a copy of its object, and can be changed and deleted', () => {
        const before = decodeTree(JSON.parse('{"s":{"m":{"__proto__":{"a":1}}}}') as Record<string, unknown>);
        const changed = applyOps(before, [['s', ['s', 'm', '__proto__', 'a'], 2]]);
        expect(JSON.stringify(changed)).toBe('{"s":{"m":{"__proto__":{"a":2}}}}');
        expect(JSON.stringify(applyOps(changed, [['d', ['s', 'm', '__proto__']]]))).toBe('{"s":{"m":{}}}');
    });
});

describe('copy on write', () => {
    const before = tree({
        s: {
            rows: [
                { id: 1, tags: ['x'] },
                { id: 2, tags: ['y'] },
            ],
            other: { deep: {} },
        },
        t: { a: {} },
    });

    it('keeps the identity of what is not touched', () => {
        const changed = applyOps(before, [['s', ['s', 'rows', 1, 'id'], 3]]);
        const [old, now] = [before['s'] as never, changed['s'] as never] as {
            rows: { tags: unknown }[];
            other: unknown;
        }[];
        expect(changed['t']).toBe(before['t']);
        expect(now!.other).toBe(old!.other);
        expect(now!.rows[0]).toBe(old!.rows[0]);
        expect(now!.rows[1]!.tags).toBe(old!.rows[1]!.tags);
    });

    it('gives everything on the path a new identity', () => {
        const changed = applyOps(before, [['s', ['s', 'rows', 1, 'id'], 3]]);
        const [old, now] = [before['s'] as never, changed['s'] as never] as { rows: unknown[] }[];
        expect(changed).not.toBe(before);
        expect(now).not.toBe(old);
        expect(now!.rows).not.toBe(old!.rows);
        expect(now!.rows[1]).not.toBe(old!.rows[1]);
    });

    it('keeps the identity of elements that only move', () => {
        const rows = before['s']!['rows'] as unknown[];
        const moved = applyOps(before, [['o', ['s', 'rows'], [1, 0]]])['s']!['rows'] as unknown[];
        expect(moved[0]).toBe(rows[1]);
        expect(moved[1]).toBe(rows[0]);
    });

    it('is the same tree if there are no ops', () => expect(applyOps(before, [])).toBe(before));

    it('leaves everything frozen', () => {
        const changed = applyOps(before, [
            ['s', ['s', 'rows', 1, 'id'], 3],
            ['p', ['s', 'rows', 0, 'tags'], 0, 0, [{ new: [] }]],
        ]);
        const thaw = (value: unknown): boolean =>
            typeof value === 'object' && value !== null && (!Object.isFrozen(value) || Object.values(value).some(thaw));
        expect(thaw(changed)).toBe(false);
    });
});
