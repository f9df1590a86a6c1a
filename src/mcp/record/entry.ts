// An entry of the record: one line of RFC 8785 JSON (spec/schema/mcp-record.schema.json), chained to the line before it.
import canonicalize from 'canonicalize';
import { match, P } from 'ts-pattern';
import type { ConnectionFacts, Decision, Json, Principal, RecordedEvent, Standing } from '../contract.ts';
import { sha256, shown, shownList, shownNumber } from './text.ts';

/** The most octets of a line. */
export const mostLine = 131_072;

/** `previous` of the first entry of a record. */
export const nothingBefore = '0'.repeat(64);

/** Octets behind the last line of a file that are no line: a write that a crash or a failure cut short. */
export interface Torn {
  readonly octets: number;
  /** SHA-256, hexadecimal. */
  readonly digest: string;
}

/** How a file continues the one before it. */
export interface Before {
  /** Its name in the folder. */
  readonly name: string;
  readonly entries: number;
  readonly torn?: Torn;
}

/** The first entry of each file. */
export interface Opening {
  readonly event: 'opened';
  readonly format: 1;
  /** Names the record, over all its files: 16 random octets, hexadecimal. */
  readonly record: string;
  /** Counts the files of the record from 1. */
  readonly file: number;
  readonly before?: Before;
}

/** What the record says of itself. */
export type OwnEvent =
  | Opening
  /** The last entry of a file that another one follows. */
  | { readonly event: 'continued'; readonly file: number }
  /** Entries that could not be recorded, since when, and why. */
  | { readonly event: 'unrecorded'; readonly count: number; readonly since: string; readonly reason: string }
  /** An old file that is removed after this entry, as only so many are kept. */
  | { readonly event: 'removed'; readonly file: number; readonly name: string };

/** The members of an entry before it has its place in the chain. An undefined member is left out. */
export type Members = Readonly<Record<string, Json | undefined>>;

/** A place in the chain: the number of an entry, and the SHA-256 of its line with the line feed, hexadecimal. */
export interface Head {
  readonly sequence: number;
  readonly digest: string;
}

const optional = (text: string | undefined): string | undefined => (text === undefined ? undefined : shown(text));
const idOf = (id: string | number): string | number => (typeof id === 'string' ? shown(id) : shownNumber(id));
const numberOf = (value: number | undefined): number | string | undefined =>
  value === undefined ? undefined : shownNumber(value);

const connectionMembers = ({ connection, address, principal }: ConnectionFacts): Members => ({
  connection: shown(connection),
  address: optional(address),
  peer: optional(principal?.identity),
  certificate: optional(principal?.certificateDigest),
  channel: optional(principal?.channelBinding),
  epoch: numberOf(principal?.epoch),
});

function principalMembers(principal: Principal | undefined): Members {
  if (principal === undefined) return {};
  const { ial, aal, fal } = principal.assurance ?? {};
  return {
    names: shownList(principal.names),
    authorities: shownList(principal.authorities),
    notAfter: principal.notAfter.toISOString(),
    authenticated: principal.authenticated.toISOString(),
    assurance: principal.assurance && stated({ ial, aal, fal }),
  };
}

/** Without the members that are undefined. */
const stated = (members: Members): Record<string, Json> =>
  Object.fromEntries(Object.entries(members).filter((one): one is [string, Json] => one[1] !== undefined));

const decisionOf = (decision: Decision): Json =>
  decision.allowed
    ? { allowed: true, rule: shown(decision.rule) }
    : stated({ allowed: false, reason: decision.reason, rule: optional(decision.rule) });

/** What is recorded of an event: these members, and no other that it may have. */
export function membersOf(event: RecordedEvent): Members {
  const own = match(event)
    .returnType<Members>()
    .with({ event: 'started' }, ({ listening, version }) => ({
      listening: optional(listening),
      version: shown(version),
    }))
    .with({ event: 'stopped' }, ({ reason }) => ({ reason: shown(reason) }))
    .with({ event: P.union('connected', 'authenticated') }, ({ principal }) => principalMembers(principal))
    .with({ event: 'refused' }, ({ code, message }) => ({ code: shown(code), message: shown(message) }))
    .with({ event: 'disconnected' }, ({ code }) => ({ code: optional(code) }))
    .with({ event: 'decided' }, ({ id, method, name, argumentsDigest, decision }) => ({
      id: id === undefined ? undefined : idOf(id),
      method: shown(method),
      name: optional(name),
      arguments: optional(argumentsDigest),
      decision: decisionOf(decision),
    }))
    .with({ event: 'answered' }, ({ id, error, toolError }) => ({ id: idOf(id), error: numberOf(error), toolError }))
    .with({ event: 'spawned' }, ({ command, process }) => ({ command: shownList(command), process }))
    .with({ event: 'exited' }, ({ process, status, signal }) => ({ process, status, signal: optional(signal) }))
    .with({ event: 'policy' }, ({ digest, refused }) => ({ digest: optional(digest), refused: optional(refused) }))
    .with({ event: 'verified' }, ({ of, name, digest, signers, unverified, refused }) => ({
      of,
      name: shown(name),
      digest: optional(digest),
      signers: signers && shownList(signers),
      unverified: unverified && shownList(unverified),
      refused: optional(refused),
    }))
    .with({ event: 'tools' }, ({ digest, differences }) => ({
      digest: shown(digest),
      differences: differences && shownList(differences),
    }))
    .exhaustive();
  const about = 'connection' in event ? connectionMembers(event) : {};
  return { ...about, ...own, event: event.event };
}

/** The digests that hold when an entry is made. */
export const standingMembers = ({ policyDigest, manifestDigest }: Standing): Members => ({
  policy: policyDigest,
  manifest: manifestDigest,
});

// The package is a function, whatever its declarations say of a default export.
const rfc8785 = canonicalize as unknown as (value: unknown) => string;

/** The line of the entry that follows `before`, with its line feed; and its own place in the chain. */
export function chained(members: Members, before: Head): { readonly line: string; readonly head: Head } {
  const sequence = before.sequence + 1;
  const line = `${rfc8785({ ...members, sequence, previous: before.digest })}\n`;
  return { line, head: { sequence, digest: sha256(line) } };
}

/** An entry that was read. */
export interface Entry {
  readonly sequence: number;
  readonly previous: string;
  readonly value: { readonly event: string } & Readonly<Record<string, Json>>;
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parsed(octets: Uint8Array): Json | undefined {
  try {
    const text = utf8.decode(octets);
    const value: Json = JSON.parse(text);
    return rfc8785(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a line without its line feed. @returns `undefined` when it is not an entry */
export function entryOf(octets: Uint8Array): Entry | undefined {
  const value = parsed(octets);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const members = value as { readonly [name: string]: Json };
  const { sequence, previous, event } = members;
  if (!Number.isSafeInteger(sequence) || (sequence as number) < 1) return undefined;
  if (typeof previous !== 'string' || !/^[0-9a-f]{64}$/.test(previous)) return undefined;
  if (typeof event !== 'string' || typeof members['time'] !== 'string' || !time.test(members['time'])) return undefined;
  return { sequence: sequence as number, previous, value: members as Entry['value'] };
}

const isOpening = P.shape({
  event: 'opened',
  format: 1,
  record: P.string,
  file: P.number,
  before: P.optional({
    name: P.string,
    entries: P.number,
    torn: P.optional({ octets: P.number, digest: P.string }),
  }),
});

/** The entry as the first of a file; `undefined` when it is another. */
export const openingOf = ({ value }: Entry): Opening | undefined =>
  match(value as unknown)
    .with(isOpening, (opening) => opening as unknown as Opening)
    .otherwise(() => undefined);
