// A record of the running code: the functions of the reading and the operations of the algebra, with copies of all octets
// that went in and came out, as secrets are wiped when their state is left.
import { bytesDerivation } from '../../algebra/bytesDerivation.ts';
import type { Derivation } from '../../algebra/derivation.ts';
import { type Operation, traced } from '../../algebra/trace.ts';
import { noble } from '../../crypto/noble.ts';
import { messageTable } from '../../generated/codec.ts';
import { type Reading, sessionIdentifier } from '../../generated/keySchedule.ts';
import type { SessionKey } from '../../generated/kinds.ts';
import type { Message } from '../../generated/messages.ts';
import { type Bytes, toHex } from '../../octets.ts';
import type { Hkdf, Values } from './format.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A call of a function of the reading, and the operations that it asked for. */
interface Call {
  readonly axis: keyof Reading;
  readonly input: Fields;
  readonly operations: readonly Operation[];
  readonly result: Bytes;
}

/** A reading and an algebra, or its derivation alone, that behave as those given, and note their calls. */
export interface Trace<A extends Derivation<Bytes> = Derivation<Bytes>> {
  readonly reading: Reading;
  readonly algebra: A;
  readonly calls: readonly Call[];
  readonly operations: readonly Operation[];
}

function copy(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map(copy);
  const plain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return plain ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, copy(one)])) : value;
}

const copied = ({ operation, input, output }: Operation): Operation => ({
  operation,
  input: copy(input) as readonly unknown[],
  output: copy(output),
});

export function traceOf<A extends Derivation<Bytes>>(reading: Reading, algebra: A): Trace<A> {
  const calls: Call[] = [];
  const operations: Operation[] = [];
  const observed = (axis: keyof Reading) => {
    const ask = reading[axis] as unknown as (a: Derivation<Bytes>, input: Fields) => Bytes;
    return (a: Derivation<Bytes>, input: Fields): Bytes => {
      const own: Operation[] = [];
      const result = ask(
        traced(a, (operation) => own.push(copied(operation))),
        input,
      );
      calls.push({ axis, input: copy(input) as Fields, operations: own, result: Uint8Array.from(result) });
      return result;
    };
  };
  const axes = (Object.keys(reading) as (keyof Reading)[]).filter((axis) => axis !== 'sessionKeys');
  return {
    reading: { ...reading, ...Object.fromEntries(axes.map((axis) => [axis, observed(axis)])) } as Reading,
    algebra: traced(algebra, (operation) => operations.push(copied(operation))),
    calls,
    operations,
  };
}

function found<T>(what: string, value: T | undefined): T {
  if (value === undefined) throw new Error(`the run did not come to ${what}`);
  return value;
}

const octets = (value: unknown): string => toHex(value as Bytes);
const askedOf = <T>({ input }: Operation): T => input[0] as T;

/** The only pair of Extract and Expand among operations whose IKM is this one, or any. */
function hkdf(what: string, operations: readonly Operation[], ikm?: string): Hkdf & { readonly OKM: string } {
  type Extract = { salt: Bytes; ikm: Bytes };
  type Expand = { prk: Bytes; info: Bytes; length: number };
  const extracted = found(
    what,
    operations.find((one) => {
      return one.operation === 'extract' && (ikm === undefined || octets(askedOf<Extract>(one).ikm) === ikm);
    }),
  );
  const PRK = octets(extracted.output);
  const expanded = found(
    what,
    operations.find((one) => one.operation === 'expand' && octets(askedOf<Expand>(one).prk) === PRK),
  );
  const { salt, ikm: IKM } = askedOf<Extract>(extracted);
  const { info, length: L } = askedOf<Expand>(expanded);
  return { salt: octets(salt), IKM: octets(IKM), PRK, info: octets(info), L, OKM: octets(expanded.output) };
}

/** The message authentication code under a key. */
function macUnder(key: string, operations: readonly Operation[]): string {
  const made = operations.find((one) => one.operation === 'mac' && octets(askedOf<{ key: Bytes }>(one).key) === key);
  return octets(found('a confirmation value', made).output);
}

const hashesIn = (operations: readonly Operation[]): string[] =>
  operations.filter(({ operation }) => operation === 'hash').map(({ output }) => octets(output));

/** The values of a run that reached both confirmation values. */
export function valuesOf({ calls, operations }: Trace): Values {
  const call = (axis: keyof Reading, which: (one: Call) => boolean = () => true): Call =>
    found(
      axis,
      calls.find((one) => one.axis === axis && which(one)),
    );
  const transcript = (sender: 'initiator' | 'responder'): Call =>
    call('transcript', ({ input }) => messageTable[(input['first'] as Message<Bytes>).type].sender === sender);
  const hiding = call('hidingKey');
  const keyMaterial = call('keyMaterial');
  const { OKM: k_hid, ...kdf_1 } = hkdf('k_hid', hiding.operations);
  if (k_hid !== octets(hiding.result)) throw new Error('k_hid is not what Expand gave');
  const S = octets(keyMaterial.result);
  const kdf_2 = hkdf('kdf_2', operations, S);
  const cut = found(
    'the keys',
    operations.find((one) => one.operation === 'cut' && octets(one.input[0]) === kdf_2.OKM),
  );
  const [k_C_i = '', k_C_r = '', k_session = ''] = (cut.output as readonly Bytes[]).map(octets);
  const sessionKey = found('k_session', (cut.output as readonly SessionKey<Bytes>[])[2]);
  return {
    ss_e: octets(keyMaterial.input['ephemeralSecret']),
    ss_i: octets(keyMaterial.input['initiatorSecret']),
    ss_r: octets(keyMaterial.input['responderSecret']),
    kdf_1,
    k_hid,
    h_i_steps: hashesIn(transcript('initiator').operations),
    h_r_steps: hashesIn(transcript('responder').operations),
    h_i: octets(transcript('initiator').result),
    h_r: octets(transcript('responder').result),
    S,
    kdf_2,
    k_C_i,
    k_C_r,
    k_session,
    confirmationInput: octets(call('confirmationInput').result),
    C_i: macUnder(k_C_i, operations),
    C_r: macUnder(k_C_r, operations),
    sessionIdentifier: toHex(sessionIdentifier(bytesDerivation(noble).derivation, { sessionKey })),
    sessionDigest: toHex(noble.hash(sessionKey)),
  };
}

/** The associated data of the message with this header; it is the same in every call. */
export function associatedDataFor({ calls }: Trace, type: number): string {
  const asked = calls.filter(({ axis, input }) => axis === 'associatedData' && (input['header'] as Bytes)[1] === type);
  const [only, ...others] = [...new Set(asked.map(({ result }) => octets(result)))];
  if (others.length > 0) throw new Error(`message ${type}: two different associated data`);
  return found(`the associated data of message ${type}`, only);
}
