// The ladder of `pquake inspect`. Everything from the recording is hexadecimal, or is made printable when it is
// printed.

import { messageTable } from '../../generated/codec.ts';
import type { Analysis, OpenedCertificate, Value } from '../../inspect/analysis.ts';
import type { RecordedStream } from '../../inspect/channel.ts';
import type { Ending, Frame } from '../../inspect/frames.ts';
import { type Inspection, type RecordedHandshake, unfinishedOf } from '../../inspect/inspect.ts';
import type { SealedRecord, SealedStream } from '../../inspect/sealed.ts';
import type { Line } from '../../node/terminal/output.ts';
import { heading } from '../../node/terminal/style.ts';
import { toHex } from '../../octets.ts';

/** How much is shown. */
export interface Extent {
  readonly full?: boolean;
  readonly secrets?: boolean;
}

const shownOctets = 16;
const count = (value: number): string => value.toLocaleString('en-US');
const plural = (value: number, one: string): string => `${count(value)} ${one}${value === 1 ? '' : 's'}`;

/** Octets in hexadecimal, abbreviated unless `full` is set. */
export function hexOf(octets: Uint8Array, full: boolean | undefined): string {
  if (full === true || octets.length <= shownOctets) return toHex(octets);
  return `${toHex(octets.subarray(0, shownOctets))}...`;
}

/** The lines of an inspection. */
export function drawInspection({ handshakes, notes }: Inspection, extent: Extent): Line[] {
  const several = handshakes.length > 1;
  return [
    ...handshakes.flatMap((one, index) => [
      ...(index > 0 ? [''] : []),
      ...drawHandshake(one, several ? `${index + 1}. ` : '', extent),
    ]),
    ...notes.map((line) => `note: ${line}`),
  ];
}

function drawHandshake(handshake: RecordedHandshake, number: string, extent: Extent): Line[] {
  const { ends, connection, frames, endings, notes, analysis, channel, sealed } = handshake;
  const title = ends === undefined ? 'initiator, responder' : `initiator ${ends[0]}, responder ${ends[1]}`;
  const start = frames[0]?.time;
  const octets = frames.reduce((sum, one) => sum + one.octets.length, 0);
  return [
    heading(`${number}${title}`),
    ...(connection === undefined ? [] : [`   connection ${connection}`]),
    ...frames.flatMap((frame) => drawFrame(frame, start, extent)),
    ...endings.map((one) => drawEnding(one, extent)),
    ...unfinishedOf(handshake).map((line) => ` ! ${line}`),
    `   ${plural(frames.length, 'message')}, ${plural(octets, 'octet')}`,
    ...(analysis === undefined ? [] : drawAnalysis(analysis, extent)),
    ...channel.map(drawStream),
    ...sealed.flatMap(drawSealed),
    ...notes.map((line) => `   note: ${line}`),
  ];
}

const width = 60;

function drawFrame(
  { sender, name, octets, length, fields, refused, time }: Frame,
  start: number | undefined,
  extent: Extent,
): string[] {
  const { type, title } = messageTable[name];
  const label = ` ${type} ${title}, ${count(length)} octets of data `;
  const dashes = '-'.repeat(Math.max(1, width - label.length));
  const arrow = sender === 'initiator' ? `--${label}${dashes}>` : `<${dashes}${label}--`;
  const when = time === undefined || start === undefined ? '' : `  ${((time - start) * 1000).toFixed(1)} ms`;
  return [
    `${refused.length === 0 ? '   ' : ' ! '}${arrow}${when}`,
    ...fields.map(
      ({ symbol, octets: value }) =>
        `        ${symbol.padEnd(9)} ${hexOf(value, extent.full)} (${count(value.length)})`,
    ),
    ...refused.map(({ code, detail }) => `      ! refused: ${code}: ${detail}`),
    ...(refused.length === 0 ? [] : [`        header    ${toHex(octets.subarray(0, 4))}`]),
  ];
}

function drawEnding({ sender, remainder }: Ending, { full }: Extent): string {
  const { kind, offset, octets } = remainder;
  const where = `${sender}, octet ${count(offset)}:`;
  const shown = `${hexOf(octets, full)} (${count(octets.length)})`;
  if (kind === 'incomplete') return ` ! ${where} incomplete: ${remainder.detail}: ${shown}`;
  if (kind === 'behind') return `   ${where} octets behind the last message: ${shown}`;
  return ` ! ${where} refused: ${remainder.refused.code}: ${remainder.refused.detail}: ${shown}`;
}

/** One direction of a channel, in a line. */
function drawStream({ sender, records, data, end, offset }: RecordedStream): string {
  const counts = Object.entries(records).map(([type, number]) => `${count(number)} ${type}`);
  const said = end.end === 'closed' ? 'closed' : `${end.end}: ${end.detail}`;
  return `${end.end === 'closed' ? '   ' : ' ! '}channel, ${sender}: records ${counts.join(', ') || 'none'}; ${plural(data, 'octet')} of data; ${said} (octet ${count(offset)})`;
}

/** One direction of a channel whose keys are not known: its records, the first one by one, and where it ends. */
function drawSealed({ sender, count: all, records, inside, end, offset }: SealedStream): string[] {
  const [mark, how] = end.end === 'unknown' ? ['   ', 'ends'] : [' ! ', `${end.end}:`];
  const said = `${how} ${'detail' in end ? end.detail : ''} (octet ${count(offset)})`;
  return [
    `${mark}${sender}, read as a channel without its keys: ${plural(all, 'record')} with ${plural(inside, 'octet')} of content and padding; ${said}`,
    ...records.map(drawSealedRecord),
    ...(all > records.length ? [`        ${count(all - records.length)} more`] : []),
  ];
}

function drawSealedRecord({ number, offset, length, inside, types }: SealedRecord): string {
  const padded = inside === 0 ? '' : ', or another type with padding';
  return `        ${count(number).padStart(3)}  octet ${count(offset)}, length ${count(length)}, ${plural(inside, 'octet')} inside: ${types.join(', ')}${padded}`;
}

function drawAnalysis(analysis: Analysis, extent: Extent): string[] {
  const { certificates, values, verdicts, readings, preShared, notes } = analysis;
  const reading = readings.map(
    ({ axis, alternative, verified }) => `${axis}=${alternative}${verified ? '' : ' (assumed)'}`,
  );
  const psk = preShared === undefined ? 'not known' : preShared ? 'the one given' : 'none';
  return [
    ...certificates.flatMap(drawCertificate),
    `   values${extent.secrets === true ? '' : ' (of secrets the SHA-384; --secrets shows them)'}`,
    ...values.map((value) => drawValue(value, extent)),
    '   checks',
    ...verdicts.map(({ what, ok, detail }) => `    ${ok ? ' ' : '!'} ${what}: ${ok ? 'right' : 'WRONG'}, ${detail}`),
    `   reading: ${reading.join(', ')}`,
    `   pre-shared secret: ${psk}`,
    ...notes.map((line) => `   note: ${line}`),
  ];
}

function drawCertificate({ message, octets, parsed, refused }: OpenedCertificate): string[] {
  const symbol = message === 'initiatorCertificate' ? 'cert_i' : 'cert_r';
  if (parsed === undefined) return [`   ${symbol} (${count(octets)}): refused: ${refused?.code}: ${refused?.detail}`];
  const { subject, issuer, uris, notBefore, notAfter, serialNumber } = parsed;
  return [
    `   ${symbol} (${count(octets)}): ${subject}`,
    `        issuer    ${issuer.text}, serial number ${serialNumber}`,
    `        validity  ${notBefore.toISOString()} to ${notAfter.toISOString()}`,
    ...uris.map((uri) => `        URI       ${uri}`),
    '        usage     keyEncipherment; ML-KEM-1024, signed with ML-DSA-87; trust is not judged here',
  ];
}

function drawValue(value: Value, { full, secrets }: Extent): string {
  const shown = value.secret
    ? secrets === true
      ? toHex(value.value.reveal())
      : `SHA-384 ${hexOf(value.digest, full)}`
    : hexOf(value.value, full);
  return `        ${value.symbol.padEnd(9)} ${shown} (${count(value.octets)}, ${value.source})`;
}
