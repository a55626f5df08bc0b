/** Property Manager's user-defined variables, as one event sees them. Source: techdocs.akamai.com/edgeworkers/docs/request-object. */

const NAME = /^PMUSER_[A-Z0-9_]+$/;

export interface Variables {
  get(name: unknown): string | undefined;
  set(name: unknown, value: unknown): void;
  /** Those that were set. */
  changed(): Readonly<Record<string, string>>;
}

export function checkVariableName(name: unknown): string {
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new Error(`Invalid variable name ${String(name)}: it must start with PMUSER_ and be upper case`);
  }
  return name;
}

/** `maxChars` is of the names and values of all calls of one event, those of one variable included. */
export function createVariables(
  initial: Readonly<Record<string, string>>,
  maxChars: number,
  onExcess: () => void,
): Variables {
  const changed: Record<string, string> = Object.create(null);
  let chars = 0;
  return {
    get(name) {
      const checked = checkVariableName(name);
      if (checked in changed) return changed[checked];
      return Object.hasOwn(initial, checked) ? initial[checked] : undefined;
    },
    set(name, value) {
      const checked = checkVariableName(name);
      const text = String(value);
      if (chars + checked.length + text.length > maxChars) {
        onExcess();
        throw new Error(`Variables set in this event would exceed ${maxChars} characters`);
      }
      chars += checked.length + text.length;
      changed[checked] = text;
    },
    changed: () => changed,
  };
}
