/** The key that a response is cached by, as `X-True-Cache-Key` shows it. Source: techdocs.akamai.com/edgeworkers/docs/cachekey-object. */
import type { CacheKeyRule, HeaderLines } from '../event.ts';
import { headerOf } from '../http-message.ts';

export interface CacheKeySubject {
  readonly host: string;
  readonly path: string;
  readonly query: string;
  /** The client's own: those that an EdgeWorker sets do not count. */
  readonly headers: HeaderLines;
  readonly variables: Readonly<Record<string, string>>;
}

export function cacheKeyOf(
  { host, path, query, headers, variables }: CacheKeySubject,
  rules: readonly CacheKeyRule[],
): string {
  const kept = keptQuery(query, rules);
  const parts = rules.flatMap((rule) => {
    if (!('name' in rule)) return [];
    const value = partOf(rule, headers, variables);
    return value === undefined ? [] : [`${rule.name}=${value}`];
  });
  const cid = parts.length === 0 ? '' : ` cid=_${parts.join('_')}_`;
  return `/${host}${path}${kept === '' ? '' : `?${kept}`}${cid}`;
}

/** Named arguments come before what else was said of the query. */
function keptQuery(query: string, rules: readonly CacheKeyRule[]): string {
  const named = rules.flatMap((rule) => (rule.rule === 'includeQueryArgument' ? [rule.name] : []));
  if (named.length > 0) {
    return query
      .split('&')
      .filter((part) => named.includes(part.split('=', 1)[0] as string))
      .join('&');
  }
  const last = rules.findLast(({ rule }) => rule === 'excludeQueryString' || rule === 'includeQueryString');
  return last?.rule === 'excludeQueryString' ? '' : query;
}

function partOf(
  { rule, name }: Extract<CacheKeyRule, { readonly name: string }>,
  headers: HeaderLines,
  variables: Readonly<Record<string, string>>,
): string | undefined {
  switch (rule) {
    case 'includeHeader':
      return headerOf(headers, name);
    case 'includeCookie':
      return cookieOf(headers, name);
    case 'includeVariable':
      return variables[name] ?? '';
    case 'includeQueryArgument':
      return undefined;
    default:
      return rule satisfies never;
  }
}

const cookieOf = (headers: HeaderLines, name: string): string | undefined =>
  (headerOf(headers, 'cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
