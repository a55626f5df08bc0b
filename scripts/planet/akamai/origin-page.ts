/** The site behind Akamai's POPs: a page that says what was decided for it, and when it was made, so that caching can be seen. */
import type { HttpRequest, HttpResponse } from '../../edgeworkers/http-message.ts';
import { headerOf } from '../../edgeworkers/http-message.ts';

/** For how long the property keeps it (seconds). */
const MAX_AGE = 30;
const DECISIONS = 'lockstep-decisions';

/** `count` is how many pages were made before. */
export function originPage({ headers }: HttpRequest, city: string, count: number, now: Date): HttpResponse {
  const [provenance = '', ...decisions] = (headerOf(headers, DECISIONS) ?? '').split(',');
  const [version = ''] = provenance.split(';');
  const rows = decisions.map((one) => {
    const [flag = '', decided = ''] = one.split('=');
    const [variation = '', revision = ''] = decided.split(';');
    return row('td', [flag, variation, revision]);
  });
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>A page behind ${text(city)}</title>
<h1>A page behind ${text(city)}</h1>
<p>${version === '' ? 'Nothing was decided for it.' : `Decided at the edge, by version ${text(version)}:`}</p>
<table>
${row('th', ['flag', 'variation', 'revision'])}
${rows.join('\n')}
</table>
<p>Page ${count + 1}, made at ${now.toISOString()}. For ${MAX_AGE} s, who is decided the same sees this one.</p>
</html>
`;
  return {
    status: 200,
    headers: [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Cache-Control', version === '' ? 'no-store' : `public, max-age=${MAX_AGE}`],
      ['Content-Security-Policy', "default-src 'none'"],
      ['X-Content-Type-Options', 'nosniff'],
    ],
    body: new TextEncoder().encode(body),
  };
}

const row = (cell: 'td' | 'th', texts: readonly string[]): string =>
  `<tr>${texts.map((one) => `<${cell}>${text(one)}</${cell}>`).join('')}</tr>`;

/** As a text of HTML. */
const text = (raw: string): string => raw.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`);
