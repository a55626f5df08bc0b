/** The least that any Worker does which is asked something: reads the body as JSON, and answers a constant. */
interface Env {
  readonly ANSWER: string;
}

export default {
  async fetch(request: Request, { ANSWER }: Env): Promise<Response> {
    await request.json();
    return new Response(ANSWER, { headers: { 'content-type': 'application/json' } });
  },
};
