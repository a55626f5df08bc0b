/** A reply as the Fetch standard's response: a reply has what a `ResponseInit` has. */
import type { Reply } from './reply.ts';

export const responseOf = (reply: Reply): Response => new Response(reply.body, reply);
