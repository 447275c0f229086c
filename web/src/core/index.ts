/** The public face of the core. */
export { Client, connect, type ConnectOptions } from './client';
export type { Status } from './connection';
export type { Environment, SocketLike } from './environment';
export { TandemError } from './errors';
export type { StateSpec, StateSpecs, Tree, Value, ValueObject } from './protocol';
export { claimTab, newTab, type TabId } from './tab';
