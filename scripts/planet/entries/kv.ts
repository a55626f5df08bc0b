/** Workers KV as a process of its own: `GET` and `PUT /values/<key>`, the metadata in a header. Only the planet's links reach it. */
import { METADATA_HEADER } from '../wire.ts';

interface KvEnv {
  readonly RULESETS: KVNamespace;
}

export default {
  async fetch(request, { RULESETS }) {
    const key = decodeURIComponent(new URL(request.url).pathname.replace('/values/', ''));
    if (request.method === 'PUT') {
      const metadata = request.headers.get(METADATA_HEADER);
      const options = metadata === null ? {} : { metadata: JSON.parse(decodeURIComponent(metadata)) as unknown };
      await RULESETS.put(key, await request.text(), options);
      return new Response(null, { status: 204 });
    }
    const { value, metadata } = await RULESETS.getWithMetadata(key, 'text');
    if (value === null) return new Response('Not Found', { status: 404 });
    const headers = metadata === null ? {} : { [METADATA_HEADER]: encodeURIComponent(JSON.stringify(metadata)) };
    return new Response(value, { headers });
  },
} satisfies ExportedHandler<KvEnv>;
