/** What is answered without a token: whether the service lives, the document of the API, and its reference for people. */
import { toBase64 } from '#control/audit/base64';
import { matchesEtag } from '#http/etag';
import { digestOfText } from '#ruleset/write/digest';
import { openApiDocument } from './openapi-document.ts';
import { referencePage } from './reference-page.ts';
import { REFERENCE_STYLE } from './reference-style.ts';
import type { Route } from './route.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** Undefined for any other path. */
export type PublicAnswers = (request: Request) => Response | undefined;

interface Page {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Both are made at the first request for one, and kept: routes do not change while a Worker runs. */
export function createPublicAnswers(routes: readonly Route[]): PublicAnswers {
  const pages = new Map<string, Page>();
  const make: Readonly<Record<string, () => Page>> = {
    '/openapi.json': () => ({
      text: JSON.stringify(openApiDocument(routes)),
      headers: { 'content-type': 'application/json' },
    }),
    '/docs': () => ({ text: referencePage(openApiDocument(routes)), headers: PAGE_HEADERS }),
  };
  function pageAt(path: string): Page | undefined {
    const known = pages.get(path);
    if (known !== undefined || !Object.hasOwn(make, path)) return known;
    const { text, headers } = (make[path] as () => Page)();
    const made = {
      text,
      headers: { ...headers, etag: `"${digestOfText(text)}"`, 'cache-control': 'public, max-age=300' },
    };
    pages.set(path, made);
    return made;
  }
  return (request) => {
    const { pathname } = new URL(request.url);
    if (!['GET', 'HEAD'].includes(request.method)) return undefined;
    if (pathname === '/livez') return new Response(null, { status: 204, headers: SECURITY_HEADERS });
    const page = pageAt(pathname);
    if (page === undefined) return undefined;
    const headers = { ...SECURITY_HEADERS, ...page.headers };
    const isKnown = matchesEtag(request.headers.get('if-none-match'), headers['etag'] as string);
    return isKnown ? new Response(null, { status: 304, headers }) : new Response(page.text, { headers });
  };
}

const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${toBase64(digestOfText(REFERENCE_STYLE))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
};
