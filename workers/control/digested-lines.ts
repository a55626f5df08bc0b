/**
 * The digest that an acknowledgement is checked against, found before it is decided: by the platform's own SHA-256, which a decision
 * cannot wait for, and over lines of which only those are made that have changed.
 */
import type { DigestedLines } from '#control/facts';
import { createKeptLines } from '#control/kept-lines';
import { nextForce } from '#control/next-force';
import { get } from '#control/persistent-map';
import type { Command } from '#schema/control-command';
import type { Executing } from './executing.ts';

type Acknowledge = Extract<Command, { type: 'acknowledge' }>;

export interface DigestedLinesDeps {
  readonly executing: Pick<Executing, 'held'>;
  /** Base64url. */
  readonly sha256: (bytes: Uint8Array<ArrayBuffer>) => Promise<string>;
}

/** Undefined where there is no such environment. The lines of one environment are kept, of whichever was asked for last. */
export function createDigestedLines({ executing, sha256 }: DigestedLinesDeps) {
  const linesOf = createKeptLines();
  return async (command: Acknowledge): Promise<DigestedLines | undefined> => {
    const environment = get(executing.held().state.environments, command.environment);
    if (environment === undefined) return undefined;
    const { generation, version } = command;
    const { entries, revisions } = nextForce(environment, command);
    const lines = linesOf(entries, revisions);
    const digest = await sha256(lines);
    return { force: environment.force, generation, version, digest, bytes: lines.length };
  };
}
