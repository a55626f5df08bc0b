/** The settings of the edge Worker: those of every Worker with flags inside, and who may ask. */
import { type AccessSettings, accessSettings, checkFixedKeys } from '#http/access';
import { type Bindings, readSettings } from '#http/settings';
import { type EdgeSettings, edgeSettings } from '#sdk/edge/settings';

export interface WorkerSettings {
  readonly edge: EdgeSettings;
  readonly access: AccessSettings;
}

export const readWorkerSettings = (bindings: Bindings): WorkerSettings =>
  readSettings(bindings, (settings) => {
    const read = { edge: edgeSettings(settings), access: accessSettings(settings) };
    checkFixedKeys(settings, read.access.sdkKeys);
    return read;
  });
