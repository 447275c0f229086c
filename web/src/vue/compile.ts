import { compile as generate, errorMessages } from '@vue/compiler-dom';
import { registerRuntimeCompiler, type RenderFunction } from 'vue';
import * as Vue from 'vue';

/** Runs JavaScript, the body of a function of `Vue`, and returns what it returns. */
export type Evaluate = (body: string) => unknown;

/**
 * Compiles a Vue template to a render function.
 * @param evaluate How the generated code is run: under a CSP without `unsafe-eval`, `nonceEvaluate`.
 * @throws SyntaxError with every mistake in the template and where it is.
 */
export function compile(template: string, evaluate: Evaluate): RenderFunction {
    const mistakes: string[] = [];
    const { code } = generate(template, {
        mode: 'function',
        prefixIdentifiers: false,
        hoistStatic: true,
        onError: (error) => {
            const at =
                error.loc === undefined ? '' : `line ${error.loc.start.line}, column ${error.loc.start.column}: `;
            // A production build of Vue has only a link as its message.
            mistakes.push(at + ((errorMessages as Record<string | number, string>)[error.code] || error.message));
        },
    });
    if (mistakes.length > 0) throw new SyntaxError(`the page's template: ${mistakes.join('; ')}`);
    const render = evaluate(code) as RenderFunction & { _rc?: boolean };
    // Tells Vue that the code looks its names up with `with`.
    render._rc = true;
    return render;
}

/** Lets Vue run compiled templates, and components that bring their own `template`. */
export function installCompiler(evaluate: Evaluate): void {
    registerRuntimeCompiler((template: string) => compile(template, evaluate));
}

/**
 * Evaluates through a script element that carries the page's nonce, which a strict CSP allows.
 * @throws SyntaxError if the code does not parse or the nonce is refused; the browser's console says which.
 */
export function nonceEvaluate(nonce: string): Evaluate {
    return (body) => {
        const script: HTMLScriptElement & { tandem?: (vue: typeof Vue) => unknown } = document.createElement('script');
        script.nonce = nonce;
        script.textContent = `document.currentScript.tandem = function (Vue) {${body}\n};`;
        document.head.append(script);
        script.remove();
        if (script.tandem === undefined)
            throw new SyntaxError("the page's template has an expression that is not JavaScript");
        return script.tandem(Vue);
    };
}
