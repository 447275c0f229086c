import { describe, expect, it } from 'vitest';
import { ProtocolError, TandemError } from '@web/core/errors';
import { decode, decodeTree, encode } from '@web/core/values';

const wire = (text: string) => decode(JSON.parse(text));

describe('each row of the table of values comes back as it was', () => {
    it.each([
        ['a boolean', true, 'true'],
        ['null', null, 'null'],
        ['the largest number', 9007199254740991, '9007199254740991'],
        ['the smallest number', -9007199254740991, '-9007199254740991'],
        ['a BigInt just beyond', 9007199254740992n, '"~i9007199254740992"'],
        ['a BigInt just below', -9007199254740992n, '"~i-9007199254740992"'],
        ['the largest 64-bit integer', 9223372036854775807n, '"~i9223372036854775807"'],
        ['the largest unsigned one', 18446744073709551615n, '"~i18446744073709551615"'],
        ['a double', 0.1, '0.1'],
        ['a string', 'grüße 👋', '"grüße 👋"'],
        ['an empty string', '', '""'],
        ['a tilde', '~', '"~~"'],
        ['a string that looks like an integer', '~i1', '"~~i1"'],
        ['a timestamp', '2026-11-22T10:30:00.000001Z', '"2026-11-22T10:30:00.000001Z"'],
        ['a list', ['~a', [1n << 60n]], '["~~a",["~i1152921504606846976"]]'],
        ['an object with a tilde in its key', { '~k': '~v' }, '{"~k":"~~v"}'],
    ])('%s', (_, value, text) => {
        expect(JSON.stringify(encode(value))).toBe(text);
        expect(wire(text)).toStrictEqual(value);
    });
});

describe('encode', () => {
    it('sends a BigInt within 2^53-1 as a number', () => {
        expect(encode(5n)).toBe(5);
        expect(encode(-9007199254740991n)).toBe(-9007199254740991);
    });

    it('sends a Date as a Timestamp', () => {
        expect(encode(new Date('2026-11-22T10:30:00Z'))).toBe('2026-11-22T10:30:00Z');
        expect(encode(new Date('2026-11-22T10:30:00.25Z'))).toBe('2026-11-22T10:30:00.250000Z');
    });

    it('leaves undefined members out, and sends other undefineds as null', () => {
        expect(encode({ a: undefined, b: [undefined] })).toStrictEqual({ b: [null] });
    });

    it('does not change what it is given', () => {
        const value = Object.freeze({ a: Object.freeze(['~']) });
        expect(encode(value)).toStrictEqual({ a: ['~~'] });
    });

    it.each([
        ['NaN', NaN],
        ['Infinity', { a: [Infinity] }],
        ['a function', () => 1],
        ['a symbol', Symbol('s')],
        ['a Map', new Map()],
        ['an invalid Date', new Date(NaN)],
    ])('refuses %s', (_, value) => {
        expect(() => encode(value)).toThrow(TandemError);
    });

    it('refuses a cycle', () => {
        const cycle: unknown[] = [];
        cycle.push(cycle);
        expect(() => encode(cycle)).toThrow(/cycle/);
    });

    it('says where the refused value is', () => {
        expect(() => encode({ rows: [{ price: NaN }] }, 'shop.add: argument 1')).toThrow(
            'shop.add: argument 1.rows[0].price cannot be sent: it is NaN',
        );
    });
});

describe('decode', () => {
    it('freezes everything', () => {
        const value = wire('{"a":[{"b":[]}]}') as { a: [{ b: unknown[] }] };
        for (const part of [value, value.a, value.a[0], value.a[0].b]) expect(Object.isFrozen(part)).toBe(true);
    });

    it.each(['"~"', '"~x"', '"~i"', '"~i1.5"', '"~i 1"', '["~i0x10"]', `"~i${'9'.repeat(1000)}"`])(
        'refuses the unknown tag %s',
        (text) => {
            expect(() => wire(text)).toThrow(ProtocolError);
        },
    );

    it('takes __proto__ as an ordinary key', () => {
        const value = wire('{"__proto__":"~~x"}') as Record<string, unknown>;
        expect(Object.hasOwn(value, '__proto__')).toBe(true);
        expect(Object.getOwnPropertyDescriptor(value, '__proto__')!.value).toBe('~x');
        expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    });

    it.each(['{"a":1}', '{"a":[]}', '{"a":null}'])('refuses a tree whose state is not an object: %s', (text) => {
        expect(() => decodeTree(JSON.parse(text) as Record<string, unknown>)).toThrow(ProtocolError);
    });
});
