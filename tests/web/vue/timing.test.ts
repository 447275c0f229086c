import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { debounce, throttle } from '@web/vue/timing';

let calls: unknown[][];
const call = (...args: unknown[]) => {
    calls.push(args);
    return Promise.resolve();
};

beforeEach(() => {
    calls = [];
    vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

describe('debounce', () => {
    it('calls once, after quiet, with the last arguments', () => {
        const search = debounce(call, 200);
        for (const text of ['a', 'ab', 'abc']) {
            void search(text);
            vi.advanceTimersByTime(150);
        }
        expect(calls).toEqual([]);
        vi.advanceTimersByTime(50);
        expect(calls).toEqual([['abc']]);
    });

    it('calls again after the next quiet', () => {
        const search = debounce(call, 200);
        void search('a');
        vi.advanceTimersByTime(200);
        void search('b');
        vi.advanceTimersByTime(200);
        expect(calls).toEqual([['a'], ['b']]);
    });

    it('calls for one row at once when another is meant', () => {
        const rename = debounce(call, 200);
        void rename(1, 'a');
        void rename(2, 'b');
        expect(calls).toEqual([[1, 'a']]);
        vi.advanceTimersByTime(200);
        expect(calls).toEqual([
            [1, 'a'],
            [2, 'b'],
        ]);
    });

    it('returns a promise of the call that comes of it', async () => {
        const search = debounce(call, 200);
        const promises = [search('a'), search('b')];
        expect(promises[0]).toBe(promises[1]);
        vi.advanceTimersByTime(200);
        await expect(promises[0]).resolves.toBeUndefined();
    });

    it('returns a promise that rejects with the call', async () => {
        const promise = debounce(() => Promise.reject(new Error('no')), 200)();
        vi.advanceTimersByTime(200);
        await expect(promise).rejects.toThrow('no');
    });
});

describe('throttle', () => {
    it('calls at once, then once per period with the last arguments', () => {
        const move = throttle(call, 100);
        for (let i = 0; i < 25; ++i) {
            void move(i);
            vi.advanceTimersByTime(10);
        }
        vi.advanceTimersByTime(100);
        expect(calls).toEqual([[0], [9], [19], [24]]);
    });

    it('calls at once again after a quiet period', () => {
        const move = throttle(call, 100);
        void move(1);
        vi.advanceTimersByTime(100);
        void move(2);
        expect(calls).toEqual([[1], [2]]);
    });

    it('does not lose a waiting call when another row is meant', () => {
        const move = throttle(call, 100);
        void move(1, 'a');
        void move(1, 'b');
        void move(2, 'c');
        vi.advanceTimersByTime(100);
        expect(calls).toEqual([
            [1, 'a'],
            [1, 'b'],
            [2, 'c'],
        ]);
    });
});
