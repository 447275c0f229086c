import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { connect } from '@web/core/client';
import { settle, watch } from '../support/connected';
import { FakeEnvironment } from '../support/fake_environment';

/**
 * Replays every conversation in framework/transcripts: the client must say what it says in the file, and end up with
 * the same tree.
 */

const folder = fileURLToPath(new URL('../../../framework/transcripts/', import.meta.url));
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const any = '<any>';

type Step = {
    client?: unknown;
    server?: unknown[];
    call?: [string, unknown[]];
    tree?: unknown;
    settled?: [number, string];
    drop?: true;
};

it('there are transcripts to replay', () => {
    expect(files.length).toBeGreaterThan(0);
});

describe.each(files)('%s', (file) => {
    const { title, steps } = JSON.parse(readFileSync(folder + file, 'utf8')) as { title: string; steps: Step[] };
    it(title, () => replay(steps));
});

async function replay(steps: Step[]): Promise<void> {
    const env = new FakeEnvironment();
    const client = connect({
        url: 'ws://here/_tandem/socket',
        tab: 'a'.repeat(32),
        build: 'b',
        page: '/',
        environment: env,
    });
    env.socket.accept();
    const calls: ReturnType<typeof watch>[] = [];
    let seq = 0;
    for (const [at, step] of steps.entries()) {
        const where = `step ${at}: ${JSON.stringify(step)}`;
        if (step.client !== undefined) {
            expectLike(env.socket.next(), step.client, where);
        } else if (step.server !== undefined) {
            const frame = completed(step.server, seq);
            seq = seqOf(frame) ?? seq;
            env.socket.push(frame);
            env.frame();
            await settle();
        } else if (step.call !== undefined) {
            const [handler, args] = step.call;
            calls.push(watch(client.call(handler, args.map(withBigInts))));
        } else if (step.settled !== undefined) {
            const [n, code] = step.settled;
            expect(calls[n - 1]?.code, where).toBe(code);
        } else if (step.tree !== undefined) {
            expect(client.tree, where).toStrictEqual(withBigInts(step.tree));
        } else if (step.drop !== undefined) {
            env.socket.lose();
            env.advance(10);
            env.socket.accept();
        } else {
            throw new Error(`a step of an unknown kind, ${where}`);
        }
    }
    expect(env.socket.sent, 'the client sent more').toEqual([]);
}

/** A server's frame with each `<any>` replaced by something valid. */
function completed(frame: unknown[], seq: number): unknown[] {
    const copy = structuredClone(frame);
    const [name] = copy;
    if (name === 'welcome') {
        const fields = copy[1] as Record<string, unknown>;
        const limits = fields['limits'] as Record<string, unknown>;
        if (fields['build'] === any) fields['build'] = 'b';
        if (fields['seq'] === any) fields['seq'] = seq + 7;
        if (limits['message_bytes'] === any) limits['message_bytes'] = 1 << 20;
    }
    if (name === 'ack') {
        if (copy[3] === any) copy[3] = seq + 1;
        const outcome = copy[2] as Record<string, unknown>;
        if (outcome['fields'] === any) outcome['fields'] = { name: 'is wrong' };
    }
    if (name === 'delta' && copy[1] === any) copy[1] = seq + 1;
    if (name === 'snapshot' && copy[1] === any) copy[1] = seq + 7;
    return copy;
}

function seqOf(frame: unknown[]): number | undefined {
    switch (frame[0]) {
        case 'welcome':
            return (frame[1] as { seq: number }).seq;
        case 'ack':
            return frame[3] as number;
        case 'delta':
        case 'snapshot':
        case 'call':
            return frame[1] as number;
        default:
            return undefined;
    }
}

function expectLike(actual: unknown, expected: unknown, where: string): void {
    if (expected === any) {
        expect(actual, where).toBeDefined();
    } else if (Array.isArray(expected)) {
        expect(Array.isArray(actual), where).toBe(true);
        expect((actual as unknown[]).length, where).toBe(expected.length);
        expected.forEach((element, i) => expectLike((actual as unknown[])[i], element, where));
    } else if (typeof expected === 'object' && expected !== null) {
        expect(Object.keys(actual as object).sort(), where).toEqual(Object.keys(expected).sort());
        for (const [key, member] of Object.entries(expected))
            expectLike((actual as Record<string, unknown>)[key], member, where);
    } else {
        expect(actual, where).toBe(expected);
    }
}

function withBigInts(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(withBigInts);
    if (typeof value !== 'object' || value === null) return value;
    if ('$bigint' in value) return BigInt(value.$bigint as string);
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withBigInts(member)]));
}
