import { type Decoded, dataBounds, decodeData, fieldsOf, type KemSizes, messageTable } from '../generated/codec.ts';
import { headerOctets, protocolVersion, sizes } from '../generated/constants.ts';
import type { Message, MessageName } from '../generated/messages.ts';
import { mandatorySuite, suiteTable } from '../generated/suites.ts';
import type { Bytes } from '../octets.ts';

/** The octets of the largest certificate that fits into a message (sections 4.1, 4.3). */
export const largestCertificate: number =
  messageTable.initiatorCertificate.maximum - sizes.initialVector - sizes.authenticationTag;

/** The header of a message: version, type, length of the data (section 4.1, PQ-4.1-01, PQ-4.1-03 to PQ-4.1-05): 4 octets. */
export const encodeHeader = (type: MessageName, octets: number): Bytes =>
  writeHeader(new Uint8Array(headerOctets), type, octets);

function writeHeader(target: Bytes, type: MessageName, octets: number): Bytes {
  target[0] = protocolVersion;
  target[1] = messageTable[type].type;
  target[2] = octets >>> 8;
  target[3] = octets & 0xff;
  return target;
}

/** Writes the fields of a message, in their order, from an offset on. */
function writeFields(target: Bytes, offset: number, message: Message<Bytes>): Bytes {
  let at = offset;
  for (const field of fieldsOf<Bytes>(message)) {
    target.set(field, at);
    at += field.length;
  }
  return target;
}

/** How many octets the data of a message have. */
function dataOctets(message: Message<Bytes>): number {
  let octets = 0;
  for (const field of fieldsOf<Bytes>(message)) octets += field.length;
  return octets;
}

/** The data of a message: its fields, concatenated. */
export const encodeData = (message: Message<Bytes>): Bytes =>
  writeFields(new Uint8Array(dataOctets(message)), 0, message);

/**
 * A message as octets: header and data (section 4.1).
 * @throws RangeError when the fields do not have the octets of the type.
 */
export function encode(message: Message<Bytes>, kem: KemSizes = mandatorySuite.kem): Bytes {
  const octets = dataOctets(message);
  const { minimum, maximum } = dataBounds(message.type, kem);
  if (octets < minimum || octets > maximum) {
    throw new RangeError(
      `${messageTable[message.type].title}: ${minimum} to ${maximum} octets of data expected, got ${octets}`,
    );
  }
  const whole = new Uint8Array(headerOctets + octets);
  return writeFields(writeHeader(whole, message.type, octets), headerOctets, message);
}

/** Reads a header when `expected` is awaited: the number of octets of data that follow, or the refusal. */
export function decodeHeader(
  header: Bytes,
  expected: MessageName,
  kem: KemSizes = mandatorySuite.kem,
): Decoded<number> {
  const [version, type, high = 0, low = 0] = header;
  const { minimum, maximum } = dataBounds(expected, kem);
  const length = high * 256 + low;
  if (version !== protocolVersion) return { ok: false, code: 'wrong-version' };
  if (type !== messageTable[expected].type) return { ok: false, code: 'unexpected-message' };
  if (length < minimum || length > maximum) return { ok: false, code: 'wrong-length' };
  return { ok: true, value: length };
}

/** For people: the length in a refused header, the one of the type, and the suites whose peers send such a length. */
function describeLength(length: number, expected: MessageName, kem: KemSizes): string {
  const { minimum, maximum } = dataBounds(expected, kem);
  const range = minimum === maximum ? `${minimum}` : `${minimum} to ${maximum}`;
  const having = Object.values(suiteTable).filter((suite) => {
    const bounds = dataBounds(expected, suite.kem);
    return bounds.minimum === bounds.maximum && bounds.minimum === length;
  });
  const suites = having.length === 0 ? '' : `, as in the suite ${having.map(({ name }) => name).join(' or ')}`;
  return `${messageTable[expected].title}: found ${length} octets of data${suites}, expected ${range}`;
}

/** For people: why a header was refused when `expected` was awaited, with the numbers found and expected. */
export function describeHeader(header: Bytes, expected: MessageName, kem: KemSizes = mandatorySuite.kem): string {
  const [version = 0, type = 0, high = 0, low = 0] = header;
  const { title, type: own } = messageTable[expected];
  if (version !== protocolVersion) return `found version ${version}, expected ${protocolVersion}`;
  if (type !== own) return `found type ${type}, expected ${own} (${title})`;
  return describeLength(high * 256 + low, expected, kem);
}

/** Decodes one whole message when `expected` is awaited: exactly its octets, none left over (section 4.1, PQ-P-49). */
export function decode(
  octets: Bytes,
  expected: MessageName,
  kem: KemSizes = mandatorySuite.kem,
): Decoded<Message<Bytes>> {
  if (octets.length < headerOctets) return { ok: false, code: 'wrong-length' };
  const header = decodeHeader(octets, expected, kem);
  if (!header.ok) return header;
  if (octets.length !== headerOctets + header.value) return { ok: false, code: 'wrong-length' };
  return decodeData[expected](octets.subarray(headerOctets), kem);
}
