/** Why a call failed. `code` and the optional fields are those of protocol.md's "Errors". */
export class TandemError extends Error {
    override readonly name = 'TandemError';

    /**
     * @param code `invalid`, `refused`, `unknown_handler`, `failed`, `conflict`, `storage`; made by the client: `lost`
     *     (the event was sent and nobody knows whether it ran) and `unsent` (it never left the page: trying again is
     *     safe).
     * @param message For `refused` and `invalid`: a text for the user.
     * @param id An opaque id that the server's log carries too (`failed`).
     * @param fields A text by field name, where fields are to blame (`invalid`).
     * @param detail The error's text, in development only (`failed`).
     */
    constructor(
        readonly code: string,
        message: string,
        readonly id?: string,
        readonly fields?: Readonly<Record<string, string>>,
        readonly detail?: string,
    ) {
        super(message);
    }
}

/**
 * The server sent something that protocol.md does not allow. Never leaves the core: the client reconnects or resyncs.
 */
export class ProtocolError extends Error {
    override readonly name = 'ProtocolError';
}
