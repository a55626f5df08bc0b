/** What the publisher is told of Akamai: which views it keeps in EdgeKV, where, and by what right. */
import type { EdgeKvAccount } from '#edgekv/akamai/admin-client';
import { edgeKvNameFault } from '#edgekv/akamai/edgekv-names';
import type { EdgeKvTargetsOptions } from '#edgekv/akamai/edgekv-targets';
import type { EdgeKvNetwork } from '#edgekv/akamai/edgekv-writer';
import { EVERYTHING, type View } from '#edgekv/akamai/view';
import { viewEnvironment } from '#edgekv/akamai/view-environment';
import { isFields, type SettingsReader } from '#http/settings';
import { KEYS_VIEW } from '#ruleset/keys-environment';
import { KEY_PATTERN, MAX_KEY, MAX_NAME } from '#schema/limits';
import { parsed } from './parsed.ts';

export type AkamaiSettings = EdgeKvTargetsOptions;

/** Each of them is read, and perhaps written, on each network: more would not have their turns within an attempt's time. */
const MAX_VIEWS = 20;
const MAX_FLAGS = 1_000;

const VIEW_NAME = /^[A-Za-z0-9_-]{1,64}$/;

const VIEW_FORM =
  '{name, namespace} or {name, flags}: names within [A-Za-z0-9_-], a namespace as keys have it before their first dot ' +
  `or ${JSON.stringify(EVERYTHING)}, at most ${MAX_FLAGS} flag keys`;
const ACCOUNT_FORM = '{host, clientToken, clientSecret, accessToken, accountSwitchKey?}';

/** Nothing else is asked for where no view is declared. */
export function akamaiSettings(settings: SettingsReader, environment: string): AkamaiSettings | undefined {
  const views = settings.list('AKAMAI_VIEWS', isView, VIEW_FORM);
  if (views.length === 0) return undefined;
  for (const fault of viewFaults(views, environment)) settings.fault(`AKAMAI_VIEWS: ${fault}`);
  return {
    views,
    namespace: named(settings, 'EDGEKV_NAMESPACE', 'namespace'),
    group: named(settings, 'EDGEKV_GROUP', 'group'),
    networks: networks(settings),
    account: account(settings),
  };
}

function viewFaults(views: readonly View[], environment: string): string[] {
  const names = views.map(({ name }) => name);
  const reserved = names.find((name) => name === KEYS_VIEW);
  const twin = names.find((name, at) => names.indexOf(name) !== at);
  const long = names.find((name) => viewEnvironment(environment, name).length > MAX_NAME);
  return [
    ...(views.length > MAX_VIEWS ? [`there are ${views.length} views, at most ${MAX_VIEWS}`] : []),
    ...(reserved === undefined ? [] : [`no view is named ${reserved}: the keys document is`]),
    ...(twin === undefined ? [] : [`two views are named ${twin}`]),
    ...(long === undefined ? [] : [`${viewEnvironment(environment, long)} is longer than ${MAX_NAME} characters`]),
  ];
}

function isView(value: unknown): value is View {
  if (!isFields(value)) return false;
  const { name, namespace, flags, ...others } = value;
  if (Object.keys(others).length > 0 || !isText(name, VIEW_NAME)) return false;
  if (flags === undefined) return namespace === EVERYTHING || (isKey(namespace) && !namespace.includes('.'));
  return namespace === undefined && isFlags(flags);
}

const isFlags = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.length <= MAX_FLAGS && value.every(isKey);

const isKey = (value: unknown): value is string => isText(value, KEY_PATTERN) && value.length <= MAX_KEY;

const isText = (value: unknown, pattern: RegExp): value is string => typeof value === 'string' && pattern.test(value);

function named(settings: SettingsReader, name: string, of: 'namespace' | 'group'): string {
  const text = settings.text(name);
  const fault = edgeKvNameFault(of, text);
  if (text !== '' && fault !== undefined) settings.fault(`${name} ${fault}`);
  return text;
}

const NETWORKS: readonly EdgeKvNetwork[] = ['staging', 'production'];

function networks(settings: SettingsReader): readonly EdgeKvNetwork[] {
  const chosen = settings.list('EDGEKV_NETWORKS', isNetwork, '"staging" and "production"');
  return chosen.length === 0 ? NETWORKS : NETWORKS.filter((network) => chosen.includes(network));
}

const isNetwork = (value: unknown): value is EdgeKvNetwork => NETWORKS.some((network) => network === value);

function account(settings: SettingsReader): EdgeKvAccount {
  const value = parsed(settings.text('EDGEGRID'));
  if (isAccount(value)) return value;
  settings.fault(`EDGEGRID must be JSON of ${ACCOUNT_FORM}: texts, the host a name without https://`);
  return { host: '', clientToken: '', clientSecret: '', accessToken: '' };
}

function isAccount(value: unknown): value is EdgeKvAccount {
  if (!isFields(value)) return false;
  const { host, clientToken, clientSecret, accessToken, accountSwitchKey = 'none' } = value;
  return (
    isText(host, /^[A-Za-z0-9][A-Za-z0-9.-]*$/) &&
    [clientToken, clientSecret, accessToken, accountSwitchKey].every(isSecret)
  );
}

/** Header lines are made of them. */
const isSecret = (value: unknown): boolean => isText(value, /^[!-~]{1,512}$/);
