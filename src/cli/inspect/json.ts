// `pquake inspect --json`: one document. It contains secrets only with --secrets.

import { messageTable } from '../../generated/codec.ts';
import type { Analysis, OpenedCertificate, Value } from '../../inspect/analysis.ts';
import type { Ending, Frame } from '../../inspect/frames.ts';
import type { Inspection, RecordedHandshake } from '../../inspect/inspect.ts';
import { toHex } from '../../octets.ts';
import { type Extent, hexOf } from './draw.ts';

/** The inspection as a JSON value; a member without a value is null. */
export const inspectionAsJson = (
  { handshakes, notes, problems }: Inspection,
  faults: readonly string[],
  extent: Extent,
): unknown => ({
  ok: faults.length === 0,
  handshakes: handshakes.map((one) => handshakeAsJson(one, extent)),
  notes,
  problems: problems.map(({ file, problem: { at, found, expected } }) => ({ file, ...at, found, expected })),
});

function handshakeAsJson(
  { ends, connection, frames, endings, notes, analysis, channel, sealed }: RecordedHandshake,
  extent: Extent,
): unknown {
  return {
    initiator: ends?.[0] ?? null,
    responder: ends?.[1] ?? null,
    connection: connection ?? null,
    messages: frames.map((one) => frameAsJson(one, extent)),
    endings: endings.map((one) => endingAsJson(one, extent)),
    notes,
    analysis: analysis === undefined ? null : analysisAsJson(analysis, extent),
    channel,
    sealed,
  };
}

function frameAsJson(frame: Frame, { full }: Extent): unknown {
  const { sender, name, offset, length, fields, refused, time } = frame;
  const { type, title, step, section } = messageTable[name];
  return {
    sender,
    type,
    name,
    title,
    step,
    section,
    offset,
    length,
    time: time ?? null,
    fields: fields.map(({ symbol, octets }) => ({ symbol, octets: octets.length, hex: hexOf(octets, full) })),
    refused,
  };
}

const endingAsJson = ({ sender, remainder }: Ending, { full }: Extent): unknown => ({
  sender,
  kind: remainder.kind,
  offset: remainder.offset,
  octets: remainder.octets.length,
  hex: hexOf(remainder.octets, full),
  refused: remainder.kind === 'unframed' ? remainder.refused : null,
  detail: remainder.kind === 'incomplete' ? remainder.detail : null,
});

const analysisAsJson = (
  { certificates, values, verdicts, readings, preShared, notes }: Analysis,
  extent: Extent,
): unknown => ({
  certificates: certificates.map(certificateAsJson),
  values: values.map((one) => valueAsJson(one, extent)),
  verdicts,
  readings,
  preSharedSecret: preShared ?? null,
  notes,
});

const certificateAsJson = ({ message, octets, parsed, refused }: OpenedCertificate): unknown => ({
  message,
  octets,
  refused: refused ?? null,
  certificate:
    parsed === undefined
      ? null
      : {
          subject: parsed.subject,
          issuer: parsed.issuer.text,
          serialNumber: parsed.serialNumber,
          uris: parsed.uris,
          notBefore: parsed.notBefore.toISOString(),
          notAfter: parsed.notAfter.toISOString(),
          keyUsage: ['keyEncipherment'],
        },
});

function valueAsJson(value: Value, { secrets }: Extent): unknown {
  const { symbol, octets, source } = value;
  if (!value.secret) return { symbol, octets, source, secret: false, hex: toHex(value.value) };
  const shown = secrets === true ? { hex: toHex(value.value.reveal()) } : {};
  return { symbol, octets, source, secret: true, sha384: toHex(value.digest), ...shown };
}
