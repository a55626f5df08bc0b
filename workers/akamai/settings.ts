/** The settings of the EdgeWorker: `lockstep-settings.js` in its bundle, in the form of a Worker's bindings. */
import { type EdgeKvNamed, edgeKvNameFault } from '#edgekv/akamai/edgekv-names';
import { type Bindings, readSettings, type SettingsReader } from '#http/settings';
import { type EvaluationSettings, evaluationSettings } from '#sdk/edge/settings';

/** A handler of the Basic tier has 4 s in all. For OFREP it may wait twice, for the keys and for the view, and must still decide. */
const MAX_READ_TIMEOUT_MS = 1_500;

export interface ViewSettings extends EvaluationSettings {
  readonly view: string;
  readonly item: { readonly namespace: string; readonly group: string; readonly item: string };
  readonly readTimeoutMs: number;
}

/** Of what is decided with. Throws a `SettingsError`. */
export const readViewSettings = (bindings: Bindings): ViewSettings =>
  readSettings(bindings, (settings) => {
    const view = settings.text('VIEW');
    const item = {
      namespace: edgeKvName(settings, 'namespace', 'EDGEKV_NAMESPACE'),
      group: edgeKvName(settings, 'group', 'EDGEKV_GROUP'),
      item: edgeKvName(settings, 'item', 'EDGEKV_ITEM', view),
    };
    const readTimeoutMs = settings.milliseconds('READ_TIMEOUT_MS', 300);
    if (readTimeoutMs < 1 || readTimeoutMs > MAX_READ_TIMEOUT_MS) {
      settings.fault(`READ_TIMEOUT_MS must be 1 to ${MAX_READ_TIMEOUT_MS}`);
    }
    return { ...evaluationSettings(settings), view, item, readTimeoutMs };
  });

function edgeKvName(settings: SettingsReader, of: EdgeKvNamed, setting: string, otherwise?: string): string {
  const name = otherwise === undefined ? settings.text(setting) : (settings.optional(setting) ?? otherwise);
  const fault = edgeKvNameFault(of, name);
  // One that is missing was named already.
  if (name !== '' && fault !== undefined) settings.fault(`${setting} ${fault}`);
  return name;
}
