import { type Fields, isFields, refuse } from './shapes.ts';

/** The four types of variation values. */
export type ValueType = 'boolean' | 'text' | 'number' | 'structure';

function children(value: readonly unknown[] | Fields): readonly unknown[] {
  return Array.isArray(value) ? value : Object.values(value);
}

function checkStructure(value: unknown, depth: number): void {
  if (!Array.isArray(value) && !isFields(value)) return;
  if (depth > 16) refuse('nested too deep');
  if (isFields(value) && Object.hasOwn(value, '__proto__')) refuse('a key __proto__');
  for (const child of children(value)) checkStructure(child, depth + 1);
}

/** Checks a variation's value and gives its type. */
export function parseValue(value: unknown): ValueType {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number') return Number.isFinite(value) ? 'number' : refuse('not finite');
  if (!Array.isArray(value) && !isFields(value)) return refuse('null at the top');
  checkStructure(value, 1);
  return 'structure';
}
