/** The moderation board as its users run it: a process, a port, a database file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const patience_ms = 15_000;

export class ModerationServer {
    readonly folder = mkdtempSync(join(tmpdir(), 'tandem-e2e-'));
    readonly database_file = join(this.folder, 'moderation.db');
    /** What the process wrote, for tests that fail. */
    log = '';
    private process: ChildProcess | null = null;
    private port = 0;

    static async start(): Promise<ModerationServer> {
        const server = new ModerationServer();
        await server.start();
        return server;
    }

    get url(): string {
        return `http://127.0.0.1:${this.port}/`;
    }

    /** Starts the process; again on the same port and database after kill() or stop(). */
    async start(): Promise<void> {
        const binary = process.env['TANDEM_MODERATION'];
        if (!binary) throw new Error('TANDEM_MODERATION must name the moderation binary');
        const child = spawn(
            binary,
            ['run', '--host', '127.0.0.1', '--port', String(this.port), '--db-url', `sqlite:///${this.database_file}`],
            { stdio: ['ignore', 'pipe', 'pipe'] },
        );
        this.process = child;
        this.port = await new Promise<number>((resolve, reject) => {
            const timer = setTimeout(() => reject(new Error(`the server does not start: ${this.log}`)), patience_ms);
            const read = (chunk: Buffer) => {
                this.log += chunk.toString();
                const port = /serving http:\/\/127\.0\.0\.1:(\d+)/.exec(this.log.slice(this.log.lastIndexOf('moderation is')));
                if (port === null) return;
                clearTimeout(timer);
                resolve(Number(port[1]));
            };
            child.stdout.on('data', read);
            child.stderr.on('data', read);
            child.once('exit', (code) => {
                clearTimeout(timer);
                reject(new Error(`the server ended with ${code}: ${this.log}`));
            });
        });
    }

    /** Ends it as a power cut would, or as an administrator does; resolves with its exit code when it is gone. */
    async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
        const child = this.process;
        this.process = null;
        if (child === null || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
        const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
        const last_resort = setTimeout(() => child.kill('SIGKILL'), patience_ms);
        child.kill(signal);
        const code = await gone;
        clearTimeout(last_resort);
        return code;
    }

    /** Stops it and takes its files away. */
    async dispose(): Promise<void> {
        await this.end('SIGTERM');
        rmSync(this.folder, { recursive: true, force: true });
    }
}
