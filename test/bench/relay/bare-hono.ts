/** A bare Hono server on Node: reads what it is asked, and answers the same text always. Prints where it listens. */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const [, , body = ''] = process.argv;
const app = new Hono();
app.post('/ofrep/v1/evaluate/flags/:key', async (c) => {
  await c.req.text();
  return c.body(body, 200, { 'content-type': 'application/json' });
});
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => console.log(`http://127.0.0.1:${port}`));
