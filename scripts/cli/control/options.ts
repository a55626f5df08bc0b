/** What commands that speak to the control plane have in common. */
import type { Confirmation } from '#schema/control-command';
import { CommandError } from '../command-error.ts';
import type { PlaceOptions } from '../control-place.ts';

export interface ControlOptions extends PlaceOptions {
  readonly json?: boolean;
}

export interface EnvironmentOptions {
  readonly environment?: string;
}

export interface WriteOptions extends ControlOptions {
  readonly reason: string;
  readonly ticket?: string;
  /** Once it is approved, only when somebody says so. */
  readonly byHand?: boolean;
  /** Not before: RFC 3339. */
  readonly at?: string;
  readonly confirm?: readonly Confirmation[];
  /** Flags that wait for nobody. */
  readonly override?: readonly string[];
  readonly dryRun?: boolean;
  readonly idempotencyKey?: string;
}

export interface DestructiveOptions {
  /** Does without being asked. */
  readonly yes?: boolean;
}

export interface ListOptions extends ControlOptions {
  readonly limit?: number;
  readonly cursor?: string;
  /** Page after page, to the end. */
  readonly all?: boolean;
}

/** What a change says of itself, as it goes over the wire. */
export function reasonsOf({ reason, ticket, byHand, at, confirm, override }: WriteOptions): object {
  if (byHand && at !== undefined) throw new CommandError('either --by-hand or --at');
  const apply = at === undefined ? (byHand ? 'by-hand' : undefined) : { at };
  return {
    justification: reason,
    ...(ticket !== undefined && { ticket }),
    ...(apply !== undefined && { apply }),
    ...(confirm !== undefined && { confirm }),
    ...(override !== undefined && { override }),
  };
}

/** That which was named, or the one of the planet or of LOCKSTEP_ENVIRONMENT. */
export function environmentOf(
  { environment }: EnvironmentOptions,
  { place }: { readonly place: { readonly environment?: string } },
): string {
  const named = environment ?? place.environment;
  if (named === undefined)
    throw new CommandError('in which environment? Say --environment, or set LOCKSTEP_ENVIRONMENT');
  return named;
}
