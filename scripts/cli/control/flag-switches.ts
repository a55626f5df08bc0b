/** What is done to flags most: on, off, and another share. */
import type { AuthoredFlag } from '#schema/authored';
import type { ItemAnswer } from './answers.ts';
import { type ItemWrite, itemPath } from './items.ts';
import { environmentOf, reasonsOf } from './options.ts';
import { rampPatch, sharesOf } from './ramp.ts';
import { submit } from './submit.ts';
import { withControl } from './with-control.ts';

export const switchFlag = (key: string, enabled: boolean, options: ItemWrite): Promise<number> =>
  patchFlag(key, options, () => ({ enabled }));

export const rampFlag = (
  key: string,
  shares: readonly string[],
  options: ItemWrite & { readonly rule?: string },
): Promise<number> => patchFlag(key, options, (flag) => rampPatch(flag, sharesOf(shares), options.rule));

/** The patch is made on the revision that it names, so nobody else's change is lost. */
const patchFlag = (key: string, options: ItemWrite, patch: (flag: AuthoredFlag) => object): Promise<number> =>
  withControl(options, async (control) => {
    const path = itemPath('flag', environmentOf(options, control), key);
    const flag = await control.must<ItemAnswer<AuthoredFlag>>({ path });
    const body = { body: patch(flag.body), ...reasonsOf(options) };
    return submit(control, { method: 'PATCH', path, seen: options.revision ?? flag.revision, body }, options);
  });
