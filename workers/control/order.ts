/** What an organisation is asked, and what it answers. All of it goes through RPC. */
import type { JsonFault } from '#control/audit/json-fault';
import type { Event } from '#control/event';
import type { Facts } from '#control/facts';
import type { FactsNeeded } from '#control/facts-needed';
import type { Refusal } from '#control/refusal';
import type { Command } from '#schema/control-command';
import type { Actor } from '#schema/control-principal';

/** What was found out for a command, and what that was asked about. */
export interface Known extends Omit<Facts, 'now' | 'newId'> {
  readonly asked: FactsNeeded;
}

export interface Order<A extends Actor = Actor> {
  /** Parsed by `control-command.ts`. */
  readonly command: Command;
  readonly actor: A;
  /** What it came through: `api`, `console`, `cli`, `schedule` … */
  readonly via: string;
  readonly known: Known;
  /** Of the actor's own choice: with the same one, the same command is done once. */
  readonly key?: string;
  /** SHA-256 of what the key came with, where that is not the command itself: a command may be made from the state, or hold a new secret. */
  readonly digest?: string;
}

export interface Answer {
  /** Of its entry in the log; null where there was nothing to do. */
  readonly seq: number | null;
  readonly events: readonly Event[];
  /** Environments whose publisher does not take what waits for it. */
  readonly frozen: readonly string[];
}

export type OrderRefusal =
  | Refusal
  /** Find this out as well, and ask again. */
  | { readonly code: 'facts-missing'; readonly needed: FactsNeeded }
  /** It takes the log of another organisation over, and nothing else before that is finished. */
  | { readonly code: 'restoring' }
  | { readonly code: 'not-restoring' }
  /** There are so many entries of the other log by now. */
  | { readonly code: 'restored-otherwise'; readonly entries: number }
  /** The key came with another command before. */
  | { readonly code: 'key-used-before' }
  | WebhookRefusal
  /** In bytes, of the entry in the log. */
  | { readonly code: 'entry-too-large'; readonly size: number; readonly limit: number }
  | ({ readonly code: 'no-json' } & JsonFault);

/** A webhook may not have that address. */
export interface WebhookRefusal {
  readonly code: 'webhook-address';
  readonly key: string;
  readonly message: string;
}

/** Before anything was asked. */
export const nothingKnown: Known = {
  asked: { tickets: [], persons: [], principals: [] },
  tickets: new Map(),
  trainings: new Map(),
  principals: new Map(),
  linked: new Map(),
};
