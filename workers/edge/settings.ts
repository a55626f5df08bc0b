/** The settings of the edge Worker: those of every Worker with flags inside, and who may ask. */
import { type AccessSettings, accessSettings } from '#http/access';
import { type Bindings, readSettings } from '#http/settings';
import { type EdgeSettings, edgeSettings } from '#sdk/edge/settings';

export interface WorkerSettings {
  readonly edge: EdgeSettings;
  readonly access: AccessSettings;
}

export const readWorkerSettings = (bindings: Bindings): WorkerSettings =>
  readSettings(bindings, (settings) => {
    const read = { edge: edgeSettings(settings), access: accessSettings(settings) };
    for (const { own = false, scope } of read.access.sdkKeys) {
      if (typeof own !== 'boolean') settings.fault('SDK_KEYS: "own" must be true or false');
      if (scope !== undefined) settings.fault('SDK_KEYS: "scope" is of keys that the control plane issues');
    }
    return read;
  });
