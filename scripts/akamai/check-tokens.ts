/** Whether a bundle brings a token for the EdgeKV namespace of its settings: its own two files are read in the sandbox, as what they are. */
import type { Check } from './check-bundle.ts';
import { probe } from './probe.ts';
import { tokenFault } from './token-fault.ts';

const PROBE = `
  import { edgekv_access_tokens as tokens } from './edgekv_tokens.js';
  import { settings } from './lockstep-settings.js';
  export function onClientRequest(request) {
    const namespace = settings.EDGEKV_NAMESPACE;
    request.respondWith(200, {}, JSON.stringify({ namespace, token: tokens['namespace-' + namespace] }));
  }
`;

export interface TokenCheckOptions {
  /** Settings and tokens are somebody's: then a token must fit. */
  readonly isMeant: boolean;
  /** In milliseconds since 1970. */
  readonly now: number;
}

/** `scripts` are a bundle's, by path. */
export async function checkTokens(
  scripts: Readonly<Record<string, string>>,
  { isMeant, now }: TokenCheckOptions,
): Promise<Check> {
  const unfit = (found: string): Check => ({ check: 'EdgeKV token', found, verdict: isMeant ? 'failed' : 'note' });
  const { 'edgekv_tokens.js': tokens = '', 'lockstep-settings.js': settings = '' } = scripts;
  const answer = await probe({ 'main.js': PROBE, 'edgekv_tokens.js': tokens, 'lockstep-settings.js': settings });
  if (answer.body === undefined) return unfit(answer.fault);
  const { namespace, token } = JSON.parse(answer.body) as { readonly namespace?: unknown; readonly token?: unknown };
  const fault = tokenFault(token, String(namespace), now);
  return fault === undefined ? { check: 'EdgeKV token', found: 'there', verdict: 'ok' } : unfit(fault);
}
