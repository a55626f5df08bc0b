/** The variations that a flag has where it declares none: name, value, and the id that is the digest of `false` and of `true`. */
export const BOOLEANS: readonly (readonly [name: string, value: boolean, id: string])[] = [
  ['off', false, '_LzxZZCN'],
  ['on', true, 'tb6kG2xi'],
];
