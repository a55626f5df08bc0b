/** Answers of the control plane, as they come. */
import type { ProblemAnswer } from './call.ts';

export interface ControlAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Throws where the text is no JSON. */
  json(): unknown;
}

/** RFC 9457; where the body is none, the status has to do. */
export function problemIn({ status, text }: ControlAnswer): ProblemAnswer {
  const detail = `HTTP ${status}`;
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== 'object' || found === null) return { detail, status };
    const { detail: told, title } = found as { readonly detail?: unknown; readonly title?: unknown };
    const words = [told, title].find((one) => typeof one === 'string') ?? detail;
    return { ...found, detail: words as string, status };
  } catch {
    return { detail, status };
  }
}
