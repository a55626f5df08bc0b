/**
 * Whether settings have names that nothing reads: one misspelt would be its default, in silence. What is read, the EdgeWorkers say
 * themselves: they run on the settings behind a proxy that notes what they ask for.
 */
import { mainModule, PARTS, type Part } from './bundle.ts';
import type { Check } from './check-bundle.ts';
import { probe } from './probe.ts';

/** In the place of `lockstep-settings.js`. */
const NOTING = `
  import { settings as own } from './lockstep-settings-own.js';
  export { own };
  export const asked = new Set();
  export const settings = new Proxy(own, { get: (all, name) => (asked.add(name), all[name]) });
`;

/** Either part reads all of its settings at its first event, whatever that is. */
const PROBES: Readonly<Record<Part, string>> = {
  pages: probeOf('onClientRequest'),
  ofrep: probeOf('responseProvider'),
};

function probeOf(handler: string): string {
  return `
    import { ${handler} as handle } from './lockstep-main.js';
    import { asked, own } from './lockstep-settings.js';
    export async function onClientRequest(request) {
      // What it answers is another matter, and a response can be made in its own event alone.
      await Promise.resolve(request).then(handle).catch(() => {});
      request.respondWith(200, {}, JSON.stringify(Object.keys(own).filter((name) => !asked.has(name))));
    }
  `;
}

/** `scripts` are a bundle's, by path; its settings are sound. Both parts may be built with them. */
export async function checkSettingNames(scripts: Readonly<Record<string, string>>): Promise<Check> {
  const check = 'names of settings';
  const { 'edgekv_tokens.js': tokens = '', 'lockstep-settings.js': settings = '' } = scripts;
  const answers = await Promise.all(
    PARTS.map(async (part) =>
      probe({
        'main.js': PROBES[part],
        'lockstep-main.js': await mainModule('module', part),
        'lockstep-settings.js': NOTING,
        'lockstep-settings-own.js': settings,
        'edgekv_tokens.js': tokens,
      }),
    ),
  );
  const fault = answers.find((answer) => answer.fault !== undefined)?.fault;
  if (fault !== undefined) return { check, found: fault, verdict: 'failed' };
  const [first = [], ...others] = answers.map(({ body = '[]' }) => JSON.parse(body) as readonly string[]);
  const unread = first.filter((name) => others.every((other) => other.includes(name)));
  if (unread.length === 0) return { check, found: 'each is read', verdict: 'ok' };
  return { check, found: `no EdgeWorker reads ${unread.join(', ')}`, verdict: 'failed' };
}
