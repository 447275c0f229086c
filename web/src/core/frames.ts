/** Reads the server's frames. Nothing that a server sends gets past here with a wrong type. */
import { ProtocolError } from './errors';
import type { Bye, Failure, Outcome, ServerFrame, StateSpec, StateSpecs, Welcome } from './protocol';

/**
 * One frame from its text. Fields beyond the known ones are ignored.
 * @throws ProtocolError if it is not a frame of the protocol: malformed, unknown, or with a missing or mistyped field.
 */
export function parseServerFrame(text: string): ServerFrame {
    let frame: unknown;
    try {
        frame = JSON.parse(text);
    } catch {
        throw new ProtocolError('a frame is not JSON');
    }
    if (!Array.isArray(frame)) throw new ProtocolError('a frame is not an array');
    const name: unknown = frame[0];
    switch (name) {
        case 'welcome':
            return ['welcome', welcome(frame[1])];
        case 'ack':
            return [
                'ack',
                count(frame[1], 'ack n'),
                outcome(frame[2]),
                count(frame[3], 'ack seq'),
                list(frame[4], 'ack ops'),
            ];
        case 'delta':
            return ['delta', count(frame[1], 'delta seq'), count(frame[2], 'delta cause'), list(frame[3], 'delta ops')];
        case 'snapshot':
            return ['snapshot', count(frame[1], 'snapshot seq'), record(frame[2], 'snapshot tree')];
        case 'call':
            return ['call', count(frame[1], 'call seq'), frame[2]];
        case 'bye':
            return ['bye', bye(frame[1])];
        default:
            throw new ProtocolError(`no such frame: ${String(name).slice(0, 40)}`);
    }
}

function welcome(value: unknown): Welcome {
    const fields = record(value, 'welcome');
    const limits = record(fields['limits'], 'limits');
    if (fields['proto'] !== 1) throw new ProtocolError('the server speaks another protocol');
    const in_flight = count(limits['in_flight'], 'in_flight');
    const message_bytes = count(limits['message_bytes'], 'message_bytes');
    if (in_flight < 1 || message_bytes < 1) throw new ProtocolError('a limit is 0');
    return {
        proto: 1,
        build: text(fields['build'], 'build'),
        fresh: flag(fields['fresh'], 'fresh'),
        n: count(fields['n'], 'n'),
        seq: count(fields['seq'], 'seq'),
        limits: { message_bytes, in_flight },
        states: specs(fields['states']),
        tree: record(fields['tree'], 'tree'),
    };
}

function specs(value: unknown): StateSpecs {
    const result: [string, StateSpec][] = [];
    for (const [name, spec] of Object.entries(record(value, 'states'))) {
        const fields = record(spec, 'a state');
        result.push([
            name,
            { handlers: names(fields['handlers'], 'handlers'), settable: names(fields['settable'], 'settable') },
        ]);
    }
    return Object.fromEntries(result);
}

function outcome(value: unknown): Outcome {
    if (value === 'ok') return 'ok';
    const fields = record(value, 'outcome');
    const failure: Failure = { code: text(fields['code'], 'code'), message: text(fields['message'], 'message') };
    if (present(fields['id'])) failure.id = text(fields['id'], 'id');
    if (present(fields['detail'])) failure.detail = text(fields['detail'], 'detail');
    if (present(fields['fields'])) {
        const entries = Object.entries(record(fields['fields'], 'fields'));
        failure.fields = Object.fromEntries(entries.map(([field, said]) => [field, text(said, 'fields')]));
    }
    return failure;
}

function bye(value: unknown): Bye {
    const fields = record(value, 'bye');
    const retry = fields['retry_ms'];
    if (retry !== null && !(typeof retry === 'number' && retry >= 0)) throw mistyped('retry_ms');
    return { code: text(fields['code'], 'bye code'), retry_ms: retry };
}

function present(value: unknown): boolean {
    return value !== undefined && value !== null;
}

function record(value: unknown, what: string): Record<string, unknown> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mistyped(what);
    return value as Record<string, unknown>;
}

function list(value: unknown, what: string): readonly unknown[] {
    if (!Array.isArray(value)) throw mistyped(what);
    return value;
}

function names(value: unknown, what: string): readonly string[] {
    return list(value, what).map((name) => text(name, what));
}

function text(value: unknown, what: string): string {
    if (typeof value !== 'string') throw mistyped(what);
    return value;
}

function flag(value: unknown, what: string): boolean {
    if (typeof value !== 'boolean') throw mistyped(what);
    return value;
}

function count(value: unknown, what: string): number {
    if (!Number.isSafeInteger(value) || (value as number) < 0) throw mistyped(what);
    return value as number;
}

function mistyped(what: string): ProtocolError {
    return new ProtocolError(`missing or mistyped: ${what}`);
}
