import { expect, it } from 'vitest';
import { ProtocolError } from '@web/core/errors';
import { applyOps } from '@web/core/patch';
import { decodeTree } from '@web/core/values';
import { Random } from '../support/random';

/** Random ops against a model that does each the plain way, in place, on plain JSON. */

type Plain = null | number | string | Plain[] | { [key: string]: Plain };
type Path = (string | number)[];
interface Place {
    path: Path;
    value: Plain;
}

function randomValue(random: Random, depth = 0): Plain {
    const kind = random.below(depth > 2 ? 3 : 6);
    if (kind === 0) return null;
    if (kind === 1) return random.below(100);
    if (kind === 2) return 'text'.slice(random.below(4));
    if (kind === 3) return { a: randomValue(random, depth + 1), b: randomValue(random, depth + 1) };
    return Array.from({ length: random.below(6) }, () => randomValue(random, depth + 1));
}

function places(value: Plain, path: Path = []): Place[] {
    const inside = Array.isArray(value)
        ? value.flatMap((element, i) => places(element, [...path, i]))
        : typeof value === 'object' && value !== null
          ? Object.entries(value).flatMap(([key, member]) => places(member, [...path, key]))
          : [];
    return [{ path, value }, ...inside];
}

/** An op that applies to `model`, which it changes likewise. */
function step(random: Random, model: { [key: string]: Plain }): unknown[] {
    const all = places(model).filter(({ path }) => path.length > 1);
    const { path, value } = random.pick(all);
    const holder = path.slice(0, -1).reduce<Plain>((at, key) => (at as Record<string, Plain>)[key]!, model) as Record<
        string,
        Plain
    >;
    const key = path[path.length - 1]!;
    if (typeof value === 'string' && random.below(2) === 0) {
        holder[key] = `${value}+`;
        return ['a', path, '+'];
    }
    if (Array.isArray(value) && random.below(6) > 0) return listStep(random, path, value);
    if (!Array.isArray(holder) && path.length > 2 && random.below(4) === 0) {
        delete holder[key];
        return ['d', path];
    }
    const fresh = randomValue(random);
    holder[key] = fresh;
    return ['s', path, structuredClone(fresh)];
}

function listStep(random: Random, path: Path, list: Plain[]): unknown[] {
    const kind = list.length === 0 ? 0 : random.below(4);
    if (kind === 0) {
        const at = random.below(list.length + 1);
        const del = random.below(list.length - at + 1);
        const items = Array.from({ length: random.below(4) }, () => randomValue(random));
        list.splice(at, del, ...items);
        return ['p', path, at, del, structuredClone(items)];
    }
    if (kind === 1) {
        const [from, to] = [random.below(list.length), random.below(list.length)];
        const [moved] = list.splice(from, 1);
        list.splice(to, 0, moved!);
        return ['m', path, from, to];
    }
    if (kind === 2) {
        const gone = list.map((_, i) => i).filter(() => random.below(2) === 0);
        const runs: (number | [number, number])[] = [];
        for (const i of gone) {
            const last = runs[runs.length - 1];
            if (Array.isArray(last) && last[0] + last[1] === i) ++last[1];
            else runs.push(random.below(2) === 0 ? [i, 1] : i);
        }
        const kept = list.filter((_, i) => !gone.includes(i));
        list.splice(0, list.length, ...kept);
        return ['r', path, runs];
    }
    const order = list.map((_, i) => i).sort(() => random.next() - 0.5);
    const old = [...list];
    order.forEach((from, to) => (list[to] = old[from]!));
    return ['o', path, order];
}

it.each([1, 2, 3, 4, 5])('2,000 random ops leave what the plain way leaves (seed %i)', (seed) => {
    const random = new Random(seed);
    const model: { [key: string]: Plain } = { s: { list: [], text: '', more: {} }, t: { list: [1, 2, 3] } };
    let tree = decodeTree(structuredClone(model));
    for (let done = 0; done < 2000;) {
        const ops = Array.from({ length: 1 + random.below(4) }, () => step(random, model));
        done += ops.length;
        const before = tree;
        const copy = structuredClone(before);
        tree = applyOps(tree, structuredClone(ops));
        expect(tree, JSON.stringify(ops)).toStrictEqual(model);
        expect(before, 'the old tree changed').toStrictEqual(copy);
        if (JSON.stringify(model).length > 1500) {
            Object.assign(model, { s: { list: [], text: '', more: {} }, t: { list: [1, 2, 3] } });
            tree = decodeTree(structuredClone(model));
        }
    }
});

it.each([1, 2, 3])(
    'garbage either applies or throws a ProtocolError, and never changes the old tree (seed %i)',
    (seed) => {
        const random = new Random(seed);
        const start = decodeTree({ s: { list: [1, [2], { a: 3 }], text: 'x' } });
        const copy = structuredClone(start);
        const junk = () =>
            random.pick<unknown>([
                's',
                'list',
                '__proto__',
                'length',
                0,
                1,
                -1,
                1e300,
                NaN,
                null,
                [],
                {},
                [0, 1],
                ['s', 'list'],
                ['s', 'text'],
                '~',
                true,
            ]);
        for (let i = 0; i < 3000; ++i) {
            const op = [
                random.pick(['s', 'd', 'a', 'p', 'm', 'r', 'o']),
                random.below(2) ? ['s', 'list'] : [junk(), junk()],
                ...Array.from({ length: random.below(4) }, junk),
            ];
            try {
                applyOps(start, structuredClone([op]));
            } catch (error) {
                expect(error, JSON.stringify(op)).toBeInstanceOf(ProtocolError);
            }
        }
        expect(start).toStrictEqual(copy);
        expect(Object.keys(Object.prototype)).toEqual([]);
    },
);
