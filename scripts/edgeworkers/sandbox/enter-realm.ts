/** Lets code of a realm run, with all that its promises bring about, until it is done or its time is over. */
import vm from 'node:vm';

/** The name is there for no longer than it takes to read it. */
const DOOR = '__enter';
const enter = new vm.Script(`{ const act = globalThis.${DOOR}; delete globalThis.${DOOR}; act(); }`);

/** Throws `ERR_SCRIPT_EXECUTION_TIMEOUT`. */
export function enterRealm(realm: vm.Context, act: () => void, timeoutMs: number): void {
  realm[DOOR] = act;
  try {
    enter.runInContext(realm, { timeout: timeoutMs });
  } finally {
    delete realm[DOOR];
  }
}

export const isTimeout = (error: unknown): boolean =>
  (error as { readonly code?: unknown } | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
