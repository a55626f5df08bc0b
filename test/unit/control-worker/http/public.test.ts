/** What is answered to anybody: the document of the API, and its reference. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { html } from '../../../../workers/control/http/html.ts';
import { createPublicAnswers } from '../../../../workers/control/http/public-answers.ts';
import { routes } from '../../../../workers/control/http/routes.ts';

const answer = createPublicAnswers(routes);
const get = (path: string, headers: Record<string, string> = {}): Response => {
  const response = answer(new Request(`https://control.example${path}`, { headers }));
  if (response === undefined) throw new Error(`${path} is not public`);
  return response;
};

describe('what needs no token', () => {
  it('is the document, which may be kept', async () => {
    const document = get('/openapi.json');
    expect(await document.json()).toMatchObject({ openapi: '3.1.1' });
    const etag = document.headers.get('etag') as string;
    expect(get('/openapi.json', { 'if-none-match': etag }).status).toBe(304);
  });

  it('is a page that has every route, runs nothing, and takes its own style alone', async () => {
    const page = get('/docs');
    const text = await page.text();
    for (const { id, path } of routes) {
      expect(text).toContain(`<article id="${id}">`);
      expect(text).toContain(path);
    }
    expect(text).not.toMatch(/<script|javascript:| on\w+=|src=|@import|url\(/i);
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(page.headers.get('content-security-policy')).toContain(`default-src 'none'; style-src 'sha256-${hash}'`);
    const targets = [...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    for (const id of targets) expect(text).toContain(`id="${id}"`);
  });

  it('is nothing else, and no other method', () => {
    const of = (path: string, method = 'GET') => answer(new Request(`https://control.example${path}`, { method }));
    for (const path of ['/docs/', '/DOCS', '/constructor', '/__proto__', '/v1/me', '/'])
      expect(of(path)).toBeUndefined();
    expect(of('/docs', 'POST')).toBeUndefined();
    expect(of('/livez')?.status).toBe(204);
  });
});

describe('html', () => {
  it('B48: escapes whatever is put into it', () => {
    const hostile = `<img src=x onerror="alert('1')">&`;
    expect(html`<p title="${hostile}">${hostile}</p>`.html).not.toMatch(/<img|"alert|'1'/);
    expect(html`${[html`<b>${'<'}</b>`]}`.html).toBe('<b>&lt;</b>');
  });
});
