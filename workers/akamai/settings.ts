/** The settings of the EdgeWorker: `lockstep-settings.js` in its bundle, in the form of a Worker's bindings. */
import { type Bindings, readSettings, type SettingsReader } from '#http/settings';
import { type EvaluationSettings, evaluationSettings } from '#sdk/edge/settings';

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
      namespace: edgeKvName(settings, 'EDGEKV_NAMESPACE', 32),
      group: edgeKvName(settings, 'EDGEKV_GROUP', 128),
      item: edgeKvName(settings, 'EDGEKV_ITEM', 512, view),
    };
    const readTimeoutMs = settings.milliseconds('READ_TIMEOUT_MS', 300);
    if (readTimeoutMs < 1 || readTimeoutMs > 4_000) settings.fault('READ_TIMEOUT_MS must be 1 to 4000');
    return { ...evaluationSettings(settings), view, item, readTimeoutMs };
  });

/** Source: techdocs.akamai.com/edgekv, "Limits". */
function edgeKvName(settings: SettingsReader, setting: string, maxLength: number, otherwise?: string): string {
  const name = otherwise === undefined ? settings.text(setting) : (settings.optional(setting) ?? otherwise);
  if (!/^[\w-]*$/.test(name) || name.length > maxLength) {
    settings.fault(`${setting} must be at most ${maxLength} letters, digits, "_", "-"`);
  }
  return name;
}
