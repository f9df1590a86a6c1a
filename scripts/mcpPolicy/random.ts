// Random policies and requests of one small world, so that rules often fit, and often just do not.
import type { AccessRequest, Assurance, Json } from '../../src/mcp/contract.ts';
import type { PolicyDocument, RuleDocument, Who } from '../../src/mcp/policy/document.ts';

/** A source of random numbers: an integer below a bound. */
export type Random = (below: number) => number;

/** Numbers that a seed determines (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

const anchors = ['CN=Staff', 'CN=Workloads', 'CN=Staff/2'];
const words = ['a', 'b', 'a*b'];
const methods = ['tools/call', 'tools/call', 'resources/read', 'prompts/get', 'tools/list', 'ping', 'logging/setLevel'];
const kinds = { 'tools/call': 'tool', 'resources/read': 'resource', 'prompts/get': 'prompt' } as const;
const drugs = ['x', 'y', 'z'];

/** What is drawn from this world. */
export function world(random: Random) {
  const one = <T>(of: readonly [T, ...T[]] | readonly T[]): T => of[random(of.length)] as T;
  const chance = (percent: number): boolean => random(100) < percent;
  const several = <T>(least: number, most: number, make: () => T): T[] =>
    Array.from({ length: least + random(most - least + 1) }, make);
  const path = (separator: string, most: number): string => several(1, most, () => one(words)).join(separator);

  const peerName = (): string =>
    one([() => `CN=${one(words)}`, () => `URI:u://${path('/', 2)}`, () => `DNS:${path('.', 2)}`])();
  const uri = (): string => (chance(20) ? `u://h/a/../${one(words)}` : `u://h/${path('/', 2)}`);
  const thing = (kind: string): string => (kind === 'resource' ? uri() : path('/', 2));

  /** A pattern that fits a name, or nearly. */
  const patternOf = (name: string): string => {
    const escaped = (text: string): string => text.replaceAll('*', '[*]');
    if (chance(35)) return escaped(name);
    if (chance(25)) return one(['**', '*']);
    const form = /^(?:CN=|URI:|DNS:)/.exec(name)?.[0].length ?? 0; // a policy says of what form its names are
    const place = (): number => form + random(name.length - form + 1);
    const places = [place(), place(), place(), place()].sort((x, y) => x - y);
    const [from = 0, to = 0, next = 0, end = 0] = places;
    const star = (): string => one(['*', '**']);
    const [first, last] = [escaped(name.slice(0, from)) + star(), escaped(name.slice(end))];
    return to < next && chance(50) ? first + escaped(name.slice(to, next)) + star() + last : first + last;
  };
  const patterns = (make: () => string): string[] => several(1, 2, () => patternOf(make()));
  const levels = (): Assurance =>
    one<() => Assurance>([
      () => ({ aal: one([1, 2, 3] as const) }),
      () => ({ ial: one([1, 2, 3] as const), aal: one([1, 2, 3] as const) }),
      () => ({ fal: one([1, 2, 3] as const) }),
    ])();

  const who = (effect: 'permit' | 'forbid'): Who => {
    const parts: Who = {
      ...(chance(70) && { names: patterns(peerName) }),
      ...(chance(30) && { authorities: patterns(() => one(anchors)) }),
      ...(effect === 'permit' && chance(25) && { assurance: levels() }),
    };
    return Object.keys(parts).length === 0 ? { names: patterns(peerName) } : parts;
  };
  const schema = (): { readonly [keyword: string]: Json } => ({
    ...(chance(50) && { required: ['drug'] }),
    properties: {
      drug: one<{ [keyword: string]: Json }>([{ enum: ['x', 'y'] }, { const: 'x' }, { type: 'string', maxLength: 0 }]),
      amount: { type: 'integer', maximum: 5 },
    },
    ...(chance(30) && { additionalProperties: false }),
  });
  const rule = (id: string): RuleDocument => {
    const effect = chance(70) ? 'permit' : 'forbid';
    const parts = {
      ...(chance(40) && { methods: patterns(() => one(methods)) }),
      ...(chance(50) && { tools: patterns(() => thing('tool')) }),
      ...(chance(30) && { resources: patterns(uri) }),
      ...(chance(20) && { prompts: patterns(() => thing('prompt')) }),
    };
    const what = Object.keys(parts).length === 0 ? { methods: patterns(() => one(methods)) } : parts;
    return { id, effect, who: who(effect), ...what, ...(chance(25) && { arguments: schema() }) };
  };

  const isRepeated = (texts: readonly string[], at: number): boolean => texts.indexOf(texts[at] ?? '') !== at;
  const distinct = (texts: string[]): string[] => texts.filter((_, at) => !isRepeated(texts, at));
  return {
    policy: (): PolicyDocument => ({
      version: 1,
      authorities: distinct(several(0, 2, () => one(anchors))).map((name) => ({ name, assurance: levels() })),
      rules: several(1, 5, () => '').map((_, at) => rule(`r${at}`)),
    }),
    request: (time: Date): AccessRequest => {
      const method = one(methods);
      const kind = method in kinds ? kinds[method as keyof typeof kinds] : undefined;
      const names = distinct(several(1, 3, peerName));
      return {
        principal: {
          identity: names[0] ?? '',
          names,
          authorities: distinct(several(0, 2, () => one(anchors))),
          notAfter: new Date(time.getTime() + 1_000),
          certificateDigest: '',
          channelBinding: '',
          authenticated: time,
          epoch: 0,
        },
        method,
        time,
        ...(kind !== undefined && { kind, name: thing(kind) }),
        ...(chance(70) && {
          arguments: {
            ...(chance(80) && { drug: one([...drugs, '', 7]) }),
            ...(chance(50) && { amount: one([1, 5, 6, 2.5]) }),
            ...(chance(15) && { more: null }),
          },
        }),
      };
    },
  };
}
