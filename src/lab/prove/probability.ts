// Bounds on probabilities as CryptoVerif prints them and as its files state them, as sums of products: so that equal ones are
// one text, whatever the order of the terms, and so that they can be computed.

/** A factor: `N_I`, `1 / |kemsec|`, `P_kem(t, N_I, N_R)`. */
export interface Factor {
  readonly kind: 'parameter' | 'size' | 'call';
  readonly name: string;
  /** The arguments of a call; none for a probability that is one number. */
  readonly of: readonly Bound[];
  readonly power: number;
}

/** A product: a number, and factors in the order of their texts. */
export interface Product {
  readonly number: number;
  readonly factors: readonly Factor[];
}

/** A sum of products, in order; the empty one is 0. */
export type Bound = readonly Product[];

/** A text that is no bound; the message says where. */
export class BoundError extends Error {
  override readonly name = 'BoundError';
}

/** Whether a name is that of a probability: those begin with P in our files, and nothing else in a bound does. */
export const isProbability = (name: string): boolean => /^P/.test(name);

/** The adversary's time, and that of running a game: `time_4` in the output, `t` in a bound. */
const time = 't';

const textOf = ({ kind, name, of, power }: Factor): string => {
  const list = of.length === 0 ? '' : `(${of.map(written).join(', ')})`;
  const plain = kind === 'size' ? `|${name}|` : name + list;
  const size = Math.abs(power);
  return size === 1 ? plain : `${plain}^${size}`;
};
const keyOf = (product: Product): string => product.factors.map((one) => `${textOf(one)}:${one.power}`).join(' ');

function collected(products: readonly Product[]): Bound {
  const sums = new Map<string, Product>();
  for (const product of products) {
    const key = keyOf(product);
    const number = (sums.get(key)?.number ?? 0) + product.number;
    sums.set(key, { number, factors: product.factors });
  }
  const kept = [...sums].filter(([, { number }]) => number !== 0);
  const degree = ({ factors }: Product): number => factors.reduce((sum, { power }) => sum + Math.max(power, 0), 0);
  const order = ([one, first]: [string, Product], [other, second]: [string, Product]): number =>
    degree(second) - degree(first) || (one < other ? -1 : 1);
  return kept.sort(order).map(([, product]) => product);
}

function multiplied(one: Bound, other: Bound): Bound {
  const products = one.flatMap((left) =>
    other.map((right): Product => {
      const powers = new Map<string, Factor>();
      for (const factor of [...left.factors, ...right.factors]) {
        const key = textOf({ ...factor, power: 1 });
        powers.set(key, { ...factor, power: factor.power + (powers.get(key)?.power ?? 0) });
      }
      const factors = [...powers]
        .filter(([, { power }]) => power !== 0)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, factor]) => factor);
      return { number: left.number * right.number, factors };
    }),
  );
  return collected(products);
}

const constant = (number: number): Bound => collected([{ number, factors: [] }]);
const single = (kind: Factor['kind'], name: string, of: readonly Bound[] = []): Bound => [
  { number: 1, factors: [{ kind, name, of, power: 1 }] },
];

/** The inverse of one product. */
function inverse(bound: Bound): Bound {
  const [only, ...more] = bound;
  if (only === undefined || more.length > 0) throw new BoundError('a division by a sum or by 0');
  return [{ number: 1 / only.number, factors: only.factors.map((one) => ({ ...one, power: -one.power })) }];
}

const token = /^(?:\d+(?:\.\d+)?|[A-Za-z][\w']*\(?|\|[\w']+\||[-+*/^(),])/;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const [found] = token.exec(rest) ?? [];
    if (found === undefined) throw new BoundError(`not a part of a bound: ${rest.slice(0, 40)}`);
    tokens.push(found);
    rest = rest.slice(found.length).trimStart();
  }
  return tokens;
}

/**
 * Reads a bound. A product may be written without its sign: `2 N_I P_mac(t, 1, 1)`; a call has its bracket at its name.
 * @throws BoundError
 */
export function readBound(text: string): Bound {
  // `maxlength(game 8: m)` is the length of m, whichever game it stands in.
  const tokens = tokensOf(text.replaceAll(/\bgame \d+: /g, ''));
  let at = 0;
  const next = (): string => tokens[at] ?? '';
  const take = (expected?: string): string => {
    const found = next();
    if (found === '' || (expected !== undefined && found !== expected)) {
      throw new BoundError(`found ${found === '' ? 'the end' : found}, expected ${expected ?? 'a term'}`);
    }
    at += 1;
    return found;
  };

  function sum(): Bound {
    let total = product();
    while (next() === '+' || next() === '-') {
      const sign = take() === '+' ? 1 : -1;
      total = collected([...total, ...multiplied(constant(sign), product())]);
    }
    return total;
  }
  function product(): Bound {
    let total = power();
    for (;;) {
      if (next() === '/') {
        take();
        total = multiplied(total, inverse(power()));
        continue;
      }
      if (next() === '*') take();
      else if (!/^[\w(|]/.test(next())) return total;
      total = multiplied(total, power());
    }
  }
  function power(): Bound {
    const base = atom();
    if (next() !== '^') return base;
    take();
    const exponent = Number(take());
    if (!Number.isInteger(exponent) || exponent < 1) throw new BoundError('an exponent that is no whole number');
    return Array.from({ length: exponent - 1 }).reduce((total: Bound) => multiplied(total, base), base);
  }
  function atom(): Bound {
    const found = take();
    if (/^\d/.test(found)) return constant(Number(found));
    if (found.startsWith('|')) return single('size', found.slice(1, -1));
    if (found === '(') {
      const inner = sum();
      take(')');
      return inner;
    }
    if (found.endsWith('(')) return single('call', found.slice(0, -1), list());
    if (/^time(_\d+)?$/.test(found)) return single('parameter', time);
    if (isProbability(found)) return single('call', found);
    if (/^[A-Za-z]/.test(found)) return single('parameter', found);
    throw new BoundError(`found ${found}, expected a term`);
  }
  function list(): Bound[] {
    const items = [sum()];
    while (next() === ',') {
      take();
      items.push(sum());
    }
    take(')');
    // A sum of times is a time.
    return items.map((one) => (mentions(one, time) ? single('parameter', time) : one));
  }

  const bound = sum();
  if (at < tokens.length) throw new BoundError(`found ${next()} after the end`);
  return bound;
}

/** Whether a name stands in a bound. */
const mentions = (bound: Bound, name: string): boolean =>
  bound.some(({ factors }) => factors.some((one) => one.name === name || one.of.some((of) => mentions(of, name))));

/** Numerator of a product; `1` when it has none. */
function numerator({ number, factors }: Product): string {
  const above = factors.filter(({ power }) => power > 0);
  // A probability stands last, as it is said.
  const ordered = [...above.filter(({ kind }) => kind !== 'call'), ...above.filter(({ kind }) => kind === 'call')];
  return [...(number === 1 && ordered.length > 0 ? [] : [String(number)]), ...ordered.map(textOf)].join(' ');
}

const denominator = ({ factors }: Product): string =>
  factors
    .filter(({ power }) => power < 0)
    .map(textOf)
    .join(' ');

/** The one text of a bound: products without their sign, those over one denominator together and last. */
export function written(bound: Bound): string {
  const denominators = [...new Set(bound.map(denominator))].sort();
  const parts = denominators.map((below) => {
    const above = bound.filter((product) => denominator(product) === below).map(numerator);
    if (below === '') return above.join(' + ');
    return `${above.length === 1 ? above[0] : `(${above.join(' + ')})`} / ${below}`;
  });
  return parts.length === 0 ? '0' : parts.join(' + ');
}

/** The value of a bound, given that of each factor to the power of one. */
export function evaluated(bound: Bound, valueOfFactor: (factor: Factor) => number): number {
  const value = ({ number, factors }: Product): number =>
    factors.reduce((total, factor) => total * valueOfFactor(factor) ** factor.power, number);
  return bound.reduce((total, product) => total + value(product), 0);
}

/** Products that bound nothing: neither a probability stands in them nor the size of a type below the line. */
const unbounded = ({ factors }: Product): boolean =>
  !factors.some(
    ({ kind, name, power }) => (kind === 'call' && isProbability(name) && power > 0) || (kind === 'size' && power < 0),
  );

/**
 * The reason why a text bounds nothing; undefined for a bound that does. Every product of it needs a probability that is assumed small,
 * or the size of a type below the line: 0, 1 and numbers of sessions alone are refused.
 */
export function refusal(text: string | undefined): string | undefined {
  if (text === undefined) return 'there is no bound';
  const bound = tried(text);
  if (typeof bound === 'string') return `the bound ${text} cannot be read: ${bound}`;
  if (bound.length === 0) return 'the bound is 0: nothing that is assumed was used';
  const alone = bound.filter(unbounded);
  return alone.length === 0 ? undefined : `the bound has ${written(alone)} in it, which is no small probability`;
}

function tried(text: string): Bound | string {
  try {
    return readBound(text);
  } catch (error) {
    if (error instanceof BoundError) return error.message;
    throw error;
  }
}
