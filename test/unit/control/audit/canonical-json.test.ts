import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault } from '#control/audit/json-fault';
import { canonicalJson } from '#ruleset/canonical-json';

/** RFC 8785, appendix B: a double by its bits, and how it is written. */
const NUMBERS: readonly [bits: string, written: string][] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
];

const double = (bits: string): number => Buffer.from(bits, 'hex').readDoubleBE();

describe('RFC 8785', () => {
  it.each(NUMBERS)('the double %s is %s', (bits, written) => {
    expect(canonicalJson(double(bits))).toBe(written);
    expect(jsonFault(double(bits))).toBeUndefined();
  });

  it.each(['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])('the double %s is refused', (bits) => {
    expect(jsonFault({ weights: [1, double(bits)] })).toEqual({ path: '/weights/1', message: 'is no finite number' });
  });

  it('3.2.2: literals, numbers and strings', () => {
    const value = {
      // biome-ignore lint/correctness/noPrecisionLoss: the sample of the RFC
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    const written =
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}';
    expect(canonicalJson(value)).toBe(written);
  });

  it('3.2.3: names are sorted by UTF-16 code units', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'];
    const written = canonicalJson(Object.fromEntries(names.map((one) => [one, 0])));
    expect(written).toBe(`{${sorted.map((one) => `${JSON.stringify(one)}:0`).join(',')}}`);
  });

  it('3.2.2.2: of the controls, some have short escapes, and the rest of them four digits; nothing else is escaped', () => {
    expect(canonicalJson('\b\t\n\f\r\u0000\u001f"\\/\u007f\u0085\u2028\u202e')).toBe(
      '"\\b\\t\\n\\f\\r\\u0000\\u001f\\"\\\\/\u007f\u0085\u2028\u202e"',
    );
  });

  it('what is written is one line of JSON with the same value, whatever the order of its names', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        fc.pre(jsonFault(value) === undefined);
        const written = canonicalJson(value);
        expect(written).not.toContain('\n');
        expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(written))).toBe(written);
      }),
    );
  });
});

it.each([
  ['half of a surrogate pair', { a: ['\ud800'] }, '/a/0'],
  ['half of one in a name', { 'x\udc00': 1 }, '/x\udc00'],
  ['undefined', { a: undefined }, '/a'],
  ['a function', [() => 1], '/0'],
  ['a bigint', { 'a/b~c': 1n }, '/a~1b~0c'],
])('refuses %s, and says where', (_, value, path) => {
  expect(jsonFault(value)?.path).toBe(path);
});

it('refuses what is nested too deeply, without running out of stack', () => {
  const nested = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown;
  expect(jsonFault(nested)?.message).toBe('is nested deeper than 64 levels');
});
