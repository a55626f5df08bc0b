/** Who is who, as whoever identifies people says now. Service tokens are in the state, and are not asked about. */
import type { Principal } from '#schema/control-principal';

/** Rejects where nobody answers: then nothing is known, which is not the same as nobody. */
export interface IdentityPort {
  /** Whose bearer token has this SHA-256 (base64url); undefined where it is nobody's. */
  byDigest(sha256: string): Promise<Principal | undefined>;
  /** Undefined for whoever left. */
  byId(id: string): Promise<Principal | undefined>;
  /** Another name of the same person, where accounts are linked. */
  linked(person: string): Promise<string | undefined>;
}
