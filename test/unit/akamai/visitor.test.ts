import { expect, it } from 'vitest';
import { visitorOf } from '../../../workers/akamai/visitor.ts';

const request = (headers: Readonly<Record<string, string>>, country?: string) => ({
  getHeader: (name: string) => (headers[name] === undefined ? undefined : [headers[name]]),
  userLocation: country === undefined ? undefined : { country },
});

it.each<[string, string, string | undefined]>([
  ['a cookie among others', 'a=1; visitor=user-1; b=2', 'user-1'],
  ['an encoded one', 'visitor=%C3%A9l%C3%A9a', 'éléa'],
  ['the first of two', 'visitor=one; visitor=two', 'one'],
  ['none', 'a=1', undefined],
  ['a name that only ends alike', 'xvisitor=user-1', undefined],
  ['one that is no UTF-8', 'visitor=%ff%fe', undefined],
  ['one without a value', 'visitor', undefined],
])('the key of %s', (_, cookie, key) => {
  expect(visitorOf(request({ Cookie: cookie }), 'visitor')).toEqual(key === undefined ? {} : { targetingKey: key });
});

it('the country is the platform’s word, unless the caller may have put it into its mouth', () => {
  expect(visitorOf(request({}, 'IE'), 'visitor')).toEqual({ country: 'IE' });
  expect(visitorOf(request({ 'X-Forwarded-For': '203.0.113.7' }, 'US'), 'visitor')).toEqual({});
});
