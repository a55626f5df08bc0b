/** The reader's cryptography by Node itself: a digest of a whole ruleset takes half the time, and no memory. */
import { hash } from 'node:crypto';
import type { RulesetCrypto } from '#ruleset/verify';
import type { PublicJwk } from '#ruleset/web-crypto';
import { createClientCrypto } from '#sdk/stream/client-crypto';

/** `publicKeys`: those that rulesets may be signed with. */
export const createNodeCrypto = (publicKeys: readonly PublicJwk[]): RulesetCrypto => ({
  ...createClientCrypto(publicKeys),
  sha256: async (ascii) => hash('sha256', ascii, 'base64url'),
});
