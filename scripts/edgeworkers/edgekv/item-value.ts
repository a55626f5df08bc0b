/** The values of items, on their way in and out. */
import type { AdminRequest } from './admin-request.ts';
import { edgeKvProblem, MAX_VALUE_CHARS, tooLarge } from './edgekv-problem.ts';
import type { StoredValue } from './edgekv-store.ts';
import { parseObject } from './parse-object.ts';

/** A JSON object, or a text. */
export function readValue({
  contentType,
  text: value,
}: Pick<AdminRequest, 'contentType' | 'text'>): StoredValue | Response {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (value.length > MAX_VALUE_CHARS) return tooLarge();
  if (value === '') return edgeKvProblem(400, 'EKV_9000', 'Value must not be empty.');
  if (type === 'text/plain') return { text: value, type };
  if (type !== 'application/json') return edgeKvProblem(415, 'EKV_9000', 'The content type is not supported.');
  return parseObject(value) ? { text: value, type } : edgeKvProblem(400, 'EKV_9000', 'Value must be a JSON object.');
}

export const valueResponse = ({ text: value, type }: StoredValue): Response =>
  new Response(value, { headers: { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(value)) } });
