/** Whether the publisher would ask back, so much is changed at once. Asked of the author, who can still answer. */
import { largeChange } from '#ruleset/write/size-change';
import type { Confirmation } from '#schema/control-command';
import type { PayloadDraft } from './draft-payload.ts';
import { has } from './persistent-map.ts';
import type { Refusal } from './refusal.ts';
import type { EnvironmentState } from './state.ts';

export function sizeRefusal(
  { key: environment, force, payload, pending }: EnvironmentState,
  { changes, bytes }: PayloadDraft,
  confirm: readonly Confirmation[],
): Refusal | undefined {
  // Nothing is in force yet: whatever comes is not a change of it.
  if (force.version === 0 || changes.length === 0) return undefined;
  const said = new Set([...confirm, ...pending.flatMap((one) => one.confirm)]);
  const entries = changes.reduce(
    (sum, { key, entry }) => sum + (entry === null ? 0 : 1) - (has(payload.entries, key) ? 1 : 0),
    payload.entries.size,
  );
  if (entries === 0) {
    const found = `from ${force.entries.size} entries to none`;
    const isMeant = force.entries.size === 0 || said.has('emptied');
    return isMeant ? undefined : { code: 'unconfirmed', environment, confirm: 'emptied', found };
  }
  // The publisher counts the digits of the revisions that it stamps.
  const digits = String(force.version + 1).length - 1;
  const found = largeChange(
    { entries: force.entries.size, bytes: force.bytes },
    { entries, bytes: bytes + entries * digits },
  );
  return found === undefined || said.has('size')
    ? undefined
    : { code: 'unconfirmed', environment, confirm: 'size', found };
}
