/** What the database holds, read by a program of its own: the oracle of these tests. */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';

export type Row = Record<string, string | number | null>;

/** Runs a query on a database file. Text from tests only: the values stand in it. */
export function query(file: string, sql: string): Row[] {
    return JSON.parse(execFileSync(reader(), [file, sql], { encoding: 'utf8', maxBuffer: 64 << 20 })) as Row[];
}

/** The value of a query for one. */
export function value(file: string, sql: string): string | number | null {
    const [row] = query(file, sql);
    if (row === undefined) throw new Error(`no row: ${sql}`);
    return Object.values(row)[0] ?? null;
}

/** All rows of all tables, to see whether anything has changed. */
export function everything(file: string): Row[][] {
    return ['user', 'post', 'flag'].map((table) => query(file, `SELECT * FROM ${table} ORDER BY id`));
}

function reader(): string {
    const named = process.env['TANDEM_READ_DATABASE'];
    if (named) return named;
    // Where the build puts it, seen from <build>/apps/moderation/moderation.
    return join(dirname(process.env['TANDEM_MODERATION'] ?? ''), '../../tests/e2e/read_database');
}
