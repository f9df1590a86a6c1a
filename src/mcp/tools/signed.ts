// A manifest as an in-toto Statement v1: what a signer says that one server declares, and until when.
import { reasonOf } from '../../failure.ts';
import type { Judged, ProvenanceRefusal, Statement } from '../../provenance/contract.ts';
import { decodeStatement, encodeStatement } from '../../provenance/statement/inToto.ts';
import { timeOf, timeText } from '../../time.ts';
import type { JsonObject } from '../contract.ts';
import type { Manifest } from './manifest.ts';
import { faultOfForm, wrongManifest } from './manifestForm.ts';
import { isOf, labelOf, type Pin, type Pins, type ServerIdentity } from './pins.ts';
import type { SignedManifestCode } from './signedCodes.ts';

/** The predicate type of these statements. The predicate: spec/schema/mcp-manifest.schema.json, definition `predicate`. */
export const manifestPredicateType = 'https://pquake.example/mcp-manifest/v1';

/** What is signed. */
export interface ManifestStatement {
  /** The name of the subject: what trust policies call it. */
  readonly name: string;
  /** Whose manifest it is. For another server it is none. */
  readonly server: ServerIdentity;
  readonly issued: Date;
  /** The last moment at which it is let through. */
  readonly notAfter: Date;
  readonly manifest: Manifest;
}

/** A refusal with one of these codes. */
export const refusal = (
  code: SignedManifestCode,
  detail: string,
  path?: string,
): ProvenanceRefusal<SignedManifestCode> => ({ ok: false, code, detail, ...(path !== undefined && { path }) });

interface Predicate {
  readonly server: ServerIdentity;
  readonly issued: string;
  readonly notAfter: string;
  readonly manifest: Manifest;
}

/**
 * The octets to sign. What readers of statements would refuse, such as declarations that are nested too deeply, is refused here.
 * Times are cut to the second.
 */
export function encodeManifestStatement(signed: ManifestStatement): Judged<Uint8Array, SignedManifestCode> {
  const { name, server, issued, notAfter, manifest } = signed;
  const predicate: Predicate = {
    server: { names: server.names, authorities: server.authorities },
    issued: timeText(issued),
    notAfter: timeText(notAfter),
    manifest,
  };
  const octets = encodeStatement({
    subject: [{ name, digest: { sha256: manifest.digest } }],
    predicateType: manifestPredicateType,
    predicate: predicate as unknown as JsonObject,
  });
  const read = decodeStatement(octets);
  if (!read.ok) return refusal('manifest-not-readable', `${read.code}: ${reasonOf(read)}`, read.path);
  const again = readManifestStatement(read.value);
  return again.ok ? { ok: true, value: octets } : again;
}

const wrongForm = (reason: string, path = 'predicate') => refusal('manifest-wrong-form', reason, path);

/** Reads a statement about a manifest. Every digest is computed again; whose the manifest is, and the time, are not judged. Never throws. */
export function readManifestStatement(statement: Statement): Judged<ManifestStatement, SignedManifestCode> {
  const { subject, predicateType, predicate } = statement;
  if (predicateType !== manifestPredicateType)
    return refusal(
      'manifest-wrong-predicate',
      `predicateType: found ${predicateType}, expected ${manifestPredicateType}`,
    );
  const [only, ...others] = subject;
  if (only === undefined || others.length > 0)
    return refusal('manifest-several-subjects', `subject: expected one, found ${subject.length}`, 'subject');
  const fault = faultOfForm('predicate', predicate);
  if (fault !== undefined) return wrongForm(`predicate: ${fault}`);
  const { server, manifest, ...times } = predicate as unknown as Predicate;
  const [issued, notAfter] = [timeOf(times.issued), timeOf(times.notAfter)];
  if (issued === undefined) return wrongForm('predicate.issued: a time that does not exist', 'predicate.issued');
  if (notAfter === undefined) return wrongForm('predicate.notAfter: a time that does not exist', 'predicate.notAfter');
  if (notAfter < issued) return wrongForm('predicate.notAfter: a time before that of issued', 'predicate.notAfter');
  const wrong = wrongManifest(manifest);
  if (wrong !== undefined)
    return refusal('manifest-wrong-digest', `predicate.manifest: ${wrong}`, 'predicate.manifest');
  if (only.digest['sha256'] !== manifest.digest)
    return refusal(
      'manifest-wrong-digest',
      `subject[0].digest.sha256: found ${only.digest['sha256']}, expected that of the manifest, ${manifest.digest}`,
      'subject[0].digest.sha256',
    );
  return { ok: true, value: { name: only.name, server, issued, notAfter, manifest } };
}

/** Milliseconds by which the clock of a signer may be ahead. */
const clockDifference = 300_000;

/** Whether a manifest is in force at a time. */
export function judgeTime({ issued, notAfter }: ManifestStatement, time: Date): Judged<null, SignedManifestCode> {
  if (time.getTime() + clockDifference < issued.getTime())
    return refusal('manifest-not-yet-valid', `it was issued for ${timeText(issued)}, and now is ${timeText(time)}`);
  return time <= notAfter
    ? { ok: true, value: null }
    : refusal('manifest-expired', `it was valid until ${timeText(notAfter)}, and now is ${timeText(time)}`);
}

/** A server, as far as it is known: who serves knows its own names, and not who trusts which authority. */
export interface KnownServer {
  readonly names: readonly string[];
  readonly authorities?: readonly string[] | undefined;
}

/** Whether a manifest is of this server: they have a name and an authority in common, as a pin and its server. */
export function judgeServer({ server }: ManifestStatement, known: KnownServer): Judged<null, SignedManifestCode> {
  const { names, authorities = server.authorities } = known;
  if (isOf(server, { names, authorities })) return { ok: true, value: null };
  const found = known.authorities === undefined ? names.join(', ') : labelOf({ names, authorities });
  return refusal('manifest-other-server', `it is for ${labelOf(server)}, and this is ${found}`);
}

/** Pins in which the signed manifest stands in the place of everything that was approved of its server. */
export function signedPins(pins: Pins, identity: ServerIdentity, { issued, manifest }: ManifestStatement): Pins {
  const { names, authorities } = identity;
  const pin: Pin = { names, authorities, by: 'signature', at: issued.toISOString(), manifest };
  return { ...pins, servers: [...pins.servers.filter((one) => !isOf(one, identity)), pin] };
}
