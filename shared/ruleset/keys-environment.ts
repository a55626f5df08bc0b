/**
 * What an environment's keys document is signed for. Not the environment itself: nobody must take keys for flags. No view is named so
 * (`workers/publisher/akamai-settings.ts`).
 */
export const KEYS_VIEW = 'keys';

export const keysEnvironment = (environment: string): string => `${environment}/${KEYS_VIEW}`;
