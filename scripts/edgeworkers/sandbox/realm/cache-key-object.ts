/** `request.cacheKey`. Source: techdocs.akamai.com/edgeworkers/docs/cachekey-object. */
import type { CacheKeyRule } from '../../event.ts';
import { checkVariableName } from './variables.ts';

export function createCacheKey(add: (rule: CacheKeyRule) => void): object {
  const named = (rule: 'includeQueryArgument' | 'includeCookie' | 'includeHeader') => (name: unknown) => {
    if (typeof name !== 'string' || name === '') throw new TypeError(`${rule}: the name must be a string`);
    add({ rule, name });
  };
  return {
    excludeQueryString: () => add({ rule: 'excludeQueryString' }),
    includeQueryString: () => add({ rule: 'includeQueryString' }),
    includeQueryArgument: named('includeQueryArgument'),
    includeCookie: named('includeCookie'),
    includeHeader: named('includeHeader'),
    includeVariable: (name: unknown) => add({ rule: 'includeVariable', name: checkVariableName(name) }),
  };
}
