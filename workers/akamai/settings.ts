/** The settings of the EdgeWorker: `lockstep-settings.js` in its bundle, in the form of a Worker's bindings. */
import { type Bindings, readSettings } from '#http/settings';
import { type EdgeSettings, edgeSettings } from '#sdk/edge/settings';

export interface AkamaiSettings extends EdgeSettings {
  readonly view: string;
  readonly item: { readonly namespace: string; readonly group: string; readonly item: string };
  /** Flags that are decided for each request, in order of importance. */
  readonly flags: readonly string[];
  /** Those of them that pages differ by. */
  readonly varyBy: readonly string[];
  /** The cookie that holds the user's key. */
  readonly unitCookie: string;
  readonly readTimeoutMs: number;
}

export const readAkamaiSettings = (bindings: Bindings): AkamaiSettings =>
  readSettings(bindings, (settings) => {
    const view = settings.text('VIEW');
    return {
      ...edgeSettings(settings),
      view,
      item: {
        namespace: settings.text('EDGEKV_NAMESPACE'),
        group: settings.text('EDGEKV_GROUP'),
        item: settings.optional('EDGEKV_ITEM') ?? view,
      },
      flags: settings.list('FLAGS', isText, 'flag keys'),
      varyBy: settings.list('VARY_BY', isText, 'flag keys'),
      unitCookie: settings.text('UNIT_COOKIE'),
      readTimeoutMs: settings.milliseconds('READ_TIMEOUT_MS', 300),
    };
  });

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
