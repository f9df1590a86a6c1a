// A handshake in the light of a key log: values by the symbols of the draft, certificates, readings, comparisons.

import { type ParsedCertificate, parseCertificate } from '../certificate/parse.ts';
import { type Concealed, conceal } from '../crypto/secret.ts';
import type { Suite } from '../crypto/suite.ts';
import { sessionIdentifier } from '../generated/keySchedule.ts';
import type { SessionKey } from '../generated/kinds.ts';
import type { MessageName } from '../generated/messages.ts';
import { meaningOf } from '../handshake/certificateFailure.ts';
import type { Bytes } from '../octets.ts';
import type { Frame, Refusal } from './frames.ts';
import { completed, type Found } from './readings.ts';
import {
  type Evidence,
  hashesOf,
  type KeySchedule,
  keyScheduleOf,
  type Opening,
  openingOf,
  type Recording,
  recordingOf,
} from './secrets.ts';

/** A value of the key schedule by its symbol in the draft. */
export type Value = {
  readonly symbol: string;
  readonly octets: number;
  readonly source: 'key log' | 'derived';
} & (
  | { readonly secret: false; readonly value: Bytes }
  | { readonly secret: true; readonly value: Concealed /** SHA-384 of it, 48 octets. */; readonly digest: Bytes }
);

/** A certificate that was opened: its contents, or why a peer refuses it. Trust is not judged. */
export interface OpenedCertificate {
  readonly message: MessageName;
  readonly octets: number;
  readonly parsed: ParsedCertificate | undefined;
  readonly refused: Refusal | undefined;
}

/** One thing that was compared. */
export interface Comparison {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** The description of a handshake by its key log. */
export interface Analysis {
  readonly certificates: readonly OpenedCertificate[];
  readonly values: readonly Value[];
  readonly verdicts: readonly Comparison[];
  readonly readings: readonly Found[];
  /** Whether `k_hid` was derived with the pre-shared secret that was given; `undefined` where that is not known. */
  readonly preShared: boolean | undefined;
  readonly notes: readonly string[];
  /** Refusals by message that the octets alone do not show. */
  readonly refusals: ReadonlyMap<MessageName, Refusal>;
}

const publicValue = (symbol: string, value: Bytes | undefined): Value[] =>
  value === undefined ? [] : [{ symbol, octets: value.length, source: 'derived', secret: false, value }];

const secretValue = (suite: Suite, symbol: string, value: Bytes | undefined, source: Value['source']): Value[] =>
  value === undefined
    ? []
    : [{ symbol, octets: value.length, source, secret: true, value: conceal(value), digest: suite.hash(value) }];

/** Describes a recorded handshake by its key log. */
export function analyse(frames: readonly Frame[], evidence: Evidence): Analysis {
  const recording = recordingOf(evidence.suite, frames);
  const opening = openingOf(recording, evidence);
  const keySchedule = keyScheduleOf(recording, evidence, opening);
  const certificates = certificatesOf(opening);
  return {
    certificates,
    values: valuesOf(recording, evidence, opening, keySchedule),
    verdicts: [...tagComparisons(opening), ...hidingComparisons(evidence, opening), ...keyComparisons(keySchedule)],
    readings: readingsOf(evidence, opening, keySchedule),
    preShared: opening?.preShared,
    notes: notesOf(evidence, opening, keySchedule),
    refusals: refusalsOf(opening, certificates, keySchedule),
  };
}

function certificatesOf(opening: Opening | undefined): OpenedCertificate[] {
  return [...(opening?.opened ?? [])].flatMap(([message, certificate]): OpenedCertificate[] => {
    if (certificate === 'wrong tag') return [];
    const parsed = parseCertificate(certificate);
    const octets = certificate.length;
    if (parsed.ok) return [{ message, octets, parsed: parsed.value, refused: undefined }];
    const detail = parsed.detail ?? meaningOf(parsed.code);
    return [{ message, octets, parsed: undefined, refused: { code: parsed.code, detail } }];
  });
}

function valuesOf(
  recording: Recording,
  { suite, logged, asked }: Evidence,
  opening: Opening | undefined,
  keySchedule: KeySchedule | undefined,
): Value[] {
  const transcript = keySchedule?.choice.transcript ?? completed(asked).transcript;
  const { h_i, h_r } = hashesOf(recording, transcript);
  const secret = (symbol: string, value: Bytes | undefined, source: Value['source']): Value[] =>
    secretValue(suite, symbol, value, source);
  const sessionKey = (keySchedule?.sessionKey ?? logged.k_session) as SessionKey<Bytes> | undefined;
  return [
    ...secret('ss_e', logged.ss_e, 'key log'),
    ...secret('k_hid', opening?.hidingKey, logged.k_hid === undefined ? 'derived' : 'key log'),
    ...secret('ss_i', logged.ss_i, 'key log'),
    ...secret('ss_r', logged.ss_r, 'key log'),
    ...publicValue('h_i', h_i),
    ...publicValue('h_r', h_r),
    ...secret('S', keySchedule?.keyMaterial, 'derived'),
    ...secret('k_C_i', keySchedule?.initiatorConfirmationKey, 'derived'),
    ...secret('k_C_r', keySchedule?.responderConfirmationKey, 'derived'),
    ...secret('k_session', sessionKey, keySchedule === undefined ? 'key log' : 'derived'),
    ...publicValue('session', sessionKey && sessionIdentifier(recording.algebra, { sessionKey })),
    ...publicValue('C_i', keySchedule?.expected.C_i),
    ...publicValue('C_r', keySchedule?.expected.C_r),
  ];
}

const sealedSymbol: Partial<Record<MessageName, string>> = {
  initiatorCertificate: 'e_cert_i',
  responderCertificate: 'e_cert_r',
};

const tagComparisons = (opening: Opening | undefined): Comparison[] =>
  [...(opening?.opened ?? [])].map(([message, certificate]) => ({
    what: `tag of ${sealedSymbol[message] ?? message}`,
    ok: certificate !== 'wrong tag',
    detail: certificate === 'wrong tag' ? 'does not open under k_hid' : 'opens under k_hid',
  }));

/** Whether the logged `k_hid` follows from the logged `ss_e`. Nothing can be said where a secret may be missing. */
function hidingComparisons({ logged, preSharedSecret }: Evidence, opening: Opening | undefined): Comparison[] {
  if (logged.k_hid === undefined || logged.ss_e === undefined || opening === undefined) return [];
  const { alternative, preShared } = opening;
  if (alternative === undefined && preSharedSecret === undefined) return [];
  const how = preShared ? 'with the pre-shared secret' : 'without a pre-shared secret';
  const detail =
    alternative === undefined ? 'does not follow from ss_e in a reading that was tried' : `follows from ss_e ${how}`;
  return [{ what: 'k_hid', ok: alternative !== undefined, detail }];
}

function keyComparisons(keySchedule: KeySchedule | undefined): Comparison[] {
  if (keySchedule === undefined) return [];
  const seen = { C_i: 'seen', C_r: 'seen', k_session: 'logged' } as const;
  return (['C_i', 'C_r', 'k_session'] as const).flatMap((what) => {
    const ok = keySchedule.agrees[what];
    if (ok === undefined) return [];
    return [
      {
        what,
        ok,
        detail: ok ? `expected as ${seen[what]}` : `not the one ${seen[what]}, in any reading that was tried`,
      },
    ];
  });
}

function readingsOf({ asked }: Evidence, opening: Opening | undefined, keySchedule: KeySchedule | undefined): Found[] {
  const fallback = completed(asked);
  const opened = [...(opening?.opened.values() ?? [])].some((one) => one !== 'wrong tag');
  const { C_i, C_r, k_session } = keySchedule?.agrees ?? {};
  const confirmed = C_i === true || C_r === true;
  const derived = confirmed || k_session === true;
  const { transcript, keyMaterial, confirmationInput } = keySchedule?.choice ?? fallback;
  return [
    { axis: 'transcript', alternative: transcript, verified: derived },
    {
      axis: 'hidingKey',
      alternative: opening?.alternative ?? fallback.hidingKey,
      verified: opened && opening?.alternative !== undefined,
    },
    { axis: 'associatedData', alternative: opening?.associatedData ?? fallback.associatedData, verified: opened },
    { axis: 'keyMaterial', alternative: keyMaterial, verified: derived },
    { axis: 'confirmationInput', alternative: confirmationInput, verified: confirmed },
  ];
}

function notesOf(
  { logged, preSharedSecret }: Evidence,
  opening: Opening | undefined,
  keySchedule?: KeySchedule,
): string[] {
  const notes: string[] = [];
  if (opening === undefined) notes.push('neither k_hid nor what it follows from: the certificates stay closed');
  else if (opening.alternative === undefined && logged.ss_e !== undefined && preSharedSecret === undefined) {
    notes.push('k_hid does not follow from ss_e alone: a pre-shared secret was used, or a reading that was not tried');
  }
  const missing = (['ss_e', 'ss_i', 'ss_r'] as const).filter((symbol) => logged[symbol] === undefined);
  if (keySchedule === undefined) {
    const what = missing.length > 0 ? `${missing.join(', ')} in the log` : 'messages 1 to 6, whole';
    notes.push(`S and what follows from it need ${what}`);
  }
  return notes;
}

function refusalsOf(
  opening: Opening | undefined,
  certificates: readonly OpenedCertificate[],
  keySchedule: KeySchedule | undefined,
): Map<MessageName, Refusal> {
  const refusals = new Map<MessageName, Refusal>();
  for (const [message, certificate] of opening?.opened ?? []) {
    if (certificate === 'wrong tag')
      refusals.set(message, { code: 'decryption-failed', detail: 'not under the k_hid of the log' });
  }
  for (const { message, refused } of certificates) if (refused) refusals.set(message, refused);
  const wrong = { code: 'wrong-confirmation', detail: 'not the expected value' } as const;
  if (keySchedule?.agrees.C_i === false) refusals.set('initiatorConfirmation', wrong);
  if (keySchedule?.agrees.C_r === false) refusals.set('responderConfirmation', wrong);
  return refusals;
}
