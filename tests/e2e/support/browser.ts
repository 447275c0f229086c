/** A headless Chromium with a profile of its own, and pages that report what goes wrong in them. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';

const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];

export class TestBrowser {
    /** What no page may do: errors on the console, violations of its CSP, requests to other hosts. */
    readonly complaints: string[] = [];

    private constructor(
        private readonly context: BrowserContext,
        private readonly profile: string,
        private readonly url: string,
    ) {}

    /** @param url The only place that pages may talk to. */
    static async launch(url: string, options: BrowserContextOptions = {}): Promise<TestBrowser> {
        const profile = mkdtempSync(join(tmpdir(), 'tandem-chromium-'));
        const executablePath = [process.env['CHROMIUM'], '/usr/bin/chromium'].find((path) => path && existsSync(path));
        if (executablePath === undefined) throw new Error('CHROMIUM must name a Chromium');
        const context = await chromium.launchPersistentContext(profile, {
            executablePath,
            args: flags,
            locale: 'en-GB',
            timezoneId: 'UTC',
            viewport: { width: 1280, height: 900 },
            ...options,
        });
        context.setDefaultTimeout(10_000);
        const browser = new TestBrowser(context, profile, url);
        context.on('page', (page) => browser.watch(page));
        return browser;
    }

    /** Opens the board in a new tab and waits until it shows its state. */
    async open(): Promise<Page> {
        const page = await this.context.newPage();
        await page.goto(this.url);
        return this.shown(page);
    }

    /** Opens the board in a window of its own: of two tabs in one window, the browser slows the hidden one down. */
    async openBeside(page: Page): Promise<Page> {
        const opened = this.context.waitForEvent('page');
        await page.evaluate((url) => void window.open(url, '_blank', 'popup,noopener,width=1280,height=900'), this.url);
        return this.shown(await opened);
    }

    private async shown(page: Page): Promise<Page> {
        await page.getByRole('heading', { name: 'Moderation board' }).waitFor();
        await page.getByRole('article').first().waitFor();
        return page;
    }

    async close(): Promise<void> {
        await this.context.close();
        rmSync(this.profile, { recursive: true, force: true });
    }

    private watch(page: Page): void {
        page.on('console', (message) => {
            if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text());
        });
        page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error.message}`));
        page.on('request', (request) => {
            if (!request.url().startsWith(this.url) && !request.url().startsWith('data:'))
                this.complaints.push(`request to ${request.url()}`);
        });
        page.on('websocket', (socket) => {
            if (!socket.url().startsWith(this.url.replace('http', 'ws')))
                this.complaints.push(`socket to ${socket.url()}`);
        });
    }
}
