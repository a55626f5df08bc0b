/** Modules that the platform gives to import. Source: techdocs.akamai.com/edgeworkers/docs, "Built-in modules". */
export const BUILT_IN: readonly string[] = [
  'cookies',
  'create-response',
  'crypto',
  'encoding',
  'http-request',
  'log',
  'lru-cache',
  'streams',
  'text-encode-transform',
  'url-search-params',
];

/** The platform has it, and the sandbox does not. */
export const LEFT_OUT: readonly string[] = ['html-rewriter'];
