/** The empty Worker: inflates and parses the same beacons, and keeps nothing of them. */
import { gunzipSync } from 'node:zlib';

export default {
  async fetch(request: Request): Promise<Response> {
    const beacon: unknown = JSON.parse(
      new TextDecoder().decode(gunzipSync(new Uint8Array(await request.arrayBuffer()))),
    );
    return Response.json({ accepted: (beacon as { events: unknown[] }).events.length }, { status: 202 });
  },
};
