/** A seeded generator, so that a failing case comes back. */
export class Random {
    constructor(private state: number) {}

    /** From 0 (included) to 1. */
    next(): number {
        this.state = (this.state + 0x6d2b79f5) | 0;
        let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    }

    /** A whole number from 0 to `limit` - 1. */
    below(limit: number): number {
        return Math.floor(this.next() * limit);
    }

    pick<T>(list: readonly T[]): T {
        return list[this.below(list.length)]!;
    }
}
