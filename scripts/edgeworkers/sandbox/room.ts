/** A realm with the platform's modules in it, before any of the bundle's. Code gets in for one turn at a time. */

import { BUILT_IN } from '../built-in-modules.ts';
import { createBridge } from './bridge.ts';
import { enterRealm, isTimeout } from './enter-realm.ts';
import { builtInPath, createRealmModules, type RealmModules } from './link-modules.ts';
import type { Measured, Meter } from './meter.ts';
import { createRealm } from './realm-globals.ts';
import type { Turn } from './turn.ts';

export interface Room {
  readonly modules: RealmModules;
  readonly runHandler: typeof import('./realm/run-handler.ts').runHandler;
  /** Lets code run. */
  enter(turn: Turn, act: () => void, timeoutMs: number, meter: Meter): Measured<void>;
  /** Its code was stopped underway: it runs no more. */
  break(): void;
  isBroken(): boolean;
}

/** `nobody` is whose turn it is while modules are loaded. */
export async function createRoom(scripts: Readonly<Record<string, string>>, nobody: Turn): Promise<Room> {
  const realm = createRealm();
  let turn = nobody;
  let isBroken = false;
  const modules = createRealmModules(
    realm,
    scripts,
    createBridge(() => turn),
    () => {
      const { enter } = turn;
      setImmediate(() => enter(() => undefined));
    },
  );
  return {
    modules,
    runHandler: await loadOwnModules(modules),
    enter(whose, act, timeoutMs, meter) {
      const measured = meter.measure(() => {
        const outer = turn;
        turn = whose;
        try {
          enterRealm(realm, act, timeoutMs);
        } finally {
          turn = outer;
        }
      });
      if ('error' in measured.result && isTimeout(measured.result.error)) isBroken = true;
      return measured;
    },
    break() {
      isBroken = true;
    },
    isBroken: () => isBroken,
  };
}

/** All of them beforehand, so that they do not count as the bundle's. */
async function loadOwnModules(modules: RealmModules): Promise<Room['runHandler']> {
  const { freezeDate } = (await modules.loadOwn('frozen-date.ts')).namespace as typeof import('./realm/frozen-date.ts');
  freezeDate();
  for (const name of BUILT_IN) await modules.loadOwn(builtInPath(name));
  return ((await modules.loadOwn('run-handler.ts')).namespace as typeof import('./realm/run-handler.ts')).runHandler;
}
