import type { Environment } from './environment';
import { times } from './protocol';

/**
 * Runs a function once per animation frame however often it was asked for. Where frames do not come (a hidden or
 * covered tab), a timer runs it, so that work never piles up.
 */
export class FrameBatch {
    private frame: number | null = null;
    private timer: number | null = null;

    constructor(
        private readonly env: Environment,
        private readonly fn: () => void,
    ) {}

    schedule(): void {
        if (this.timer !== null) return;
        this.timer = this.env.setTimer(() => this.run(), times.batch);
        if (!this.env.hidden()) this.frame = this.env.requestFrame(() => this.run());
    }

    /** Runs the function now, if it was asked for or not. */
    run(): void {
        this.cancel();
        this.fn();
    }

    private cancel(): void {
        if (this.timer !== null) this.env.clearTimer(this.timer);
        if (this.frame !== null) this.env.cancelFrame(this.frame);
        this.timer = this.frame = null;
    }
}
