import fc from 'fast-check'

/** Texts that may break something between a socket and a table. */
export const hostileText = fc.oneof(
  fc.constantFrom(
    '',
    '\0',
    '1\x001',
    '\ud800',
    'x\udc00y',
    '__proto__',
    'constructor',
    'toString',
    '../../etc/passwd',
    '1.1,bridge:1',
    '%00%2e%2e%2f',
    '\u202e\r\n\u2028',
    '9'.repeat(4_000),
    '\u{1f4de}'.repeat(60),
    'NaN',
    '-1',
  ),
  fc.string({ maxLength: 12 }),
)

const hostileNumber = fc.constantFrom(0, -1, 1.5, 256, 2 ** 31, 2 ** 53, -(2 ** 63), 1e300, Number.MIN_VALUE)

/** Invalid times, and times far from now. */
export const hostileTime = fc.constantFrom(
  '',
  'yesterday',
  '1970-01-01T00:00:00.000+0000',
  '+275760-09-13T00:00:00.000Z',
  '-000044-03-15T00:00:00.000Z',
  '9999-12-31T23:59:59.999+0000',
)

/** Any JSON value, mostly an unexpected one. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  hostileNumber,
  hostileTime,
  fc.constantFrom(
    null,
    true,
    false,
    [],
    {},
    [[]],
    ['1'],
    [null],
    { id: '1.1' },
    { length: 9 },
    { toString: 1 },
  ),
  fc.constantFrom(JSON.parse('{"__proto__":{"id":"1.1"},"constructor":5}') as unknown, nested(300)),
)

/** A deeply nested value, which may overflow the stack of recursive code. */
export function nested(depth: number): unknown {
  let value: unknown = 0
  for (let i = 0; i < depth; i++) value = [value]
  return value
}
