/** The control plane: an organisation each is a Durable Object, and is reached through its binding. */
import { problemResponse } from '#http/problem';

export { Organisation } from './organisation.ts';

export default {
  fetch: () =>
    problemResponse({ status: 404, title: 'Not Found', detail: 'nothing is served here: organisations are bound to' }),
} satisfies ExportedHandler;
