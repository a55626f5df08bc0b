/**
 * What a view's rulesets are signed for. Not the environment itself: a reader of all must refuse a part, and a reader of one part
 * another.
 */
export const viewEnvironment = (environment: string, view: string): string => `${environment}/${view}`;
