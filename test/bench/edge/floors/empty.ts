/** The empty Worker: answers a constant JSON, and looks at nothing. */
interface Env {
  readonly ANSWER: string;
}

export default {
  fetch: (_request: Request, { ANSWER }: Env): Response =>
    new Response(ANSWER, { headers: { 'content-type': 'application/json' } }),
};
