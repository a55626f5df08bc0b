import { describe, expect, it } from 'vitest';
import { originPage } from '../../../scripts/planet/akamai/origin-page.ts';

const page = (decisions?: string): string => {
  const headers = decisions === undefined ? [] : [['Lockstep-Decisions', decisions] as const];
  const request = { method: 'GET', url: '/', headers, body: new Uint8Array() };
  return new TextDecoder().decode(originPage(request, 'Tokyo', 4, new Date(0)).body);
};

describe('the page behind the POPs of Akamai', () => {
  it('shows what the edge has decided, and when it was made', () => {
    const text = page('7;120,pricing.fareBundlingV2=v2;3;SPLIT,search.mapView=off;1;STATIC');
    expect(text).toContain('by version 7');
    expect(text).toContain('<td>pricing.fareBundlingV2</td><td>v2</td><td>3</td>');
    expect(text).toContain('<td>search.mapView</td><td>off</td><td>1</td>');
    expect(text).toContain('Page 5, made at 1970-01-01T00:00:00.000Z');
  });

  it('says so where nothing is decided', () => {
    expect(page()).toContain('Nothing was decided for it.');
  });

  it('shows whatever comes under that name as a text', () => {
    const text = page('<script>alert(1)</script>,"><img src=x>=\'&;1;X');
    expect(text).not.toMatch(/<script|<img/);
    expect(text).toContain('&#60;img src');
  });
});
