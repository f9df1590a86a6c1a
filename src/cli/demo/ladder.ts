import { messageTable } from '../../generated/codec.ts';
import type { Line, Styled } from '../../node/terminal/output.ts';
import type { TraceLine } from '../../node/terminal/peer/settings.ts';
import { heading, type Style, style } from '../../node/terminal/style.ts';

/** The messages and the result that one process reported. */
export interface Told {
  readonly trace: readonly TraceLine[];
  readonly result: {
    readonly peer: string;
    readonly session: string;
    readonly sent: number;
    readonly received: number;
  };
}

/**
 * Octets of a mutually authenticated TLS 1.3 handshake with MLKEM1024, and ML-DSA-87 certificates of the names here on both
 * sides; `test/numbers.test.ts` measures them with the OpenSSL of Node.
 */
export const mutualTlsOctets = 27_979;

const count = (value: number): string => value.toLocaleString('en-US');

interface Rung {
  readonly line: TraceLine;
  /** The number of its flight: one more than the highest that its sender had received by then. */
  readonly flight: number;
  /** The time at which the other side received it. */
  readonly arrived: number;
  readonly fromInitiator: boolean;
}

/** Returns the flight of each message. A message follows all that its sender received before it. */
function flightsOf(initiator: Told, responder: Told): Map<string, number> {
  const flights = new Map<string, number>();
  const sent = ({ trace }: Told): number => trace.filter(({ direction }) => direction === 'sent').length;
  const total = sent(initiator) + sent(responder);
  while (flights.size < total) {
    const before = flights.size;
    for (const { trace } of [initiator, responder]) {
      let flight: number | undefined = 0;
      for (const { direction, message } of trace) {
        const known: number | undefined = flights.get(message);
        if (direction === 'sent' && flight !== undefined) flights.set(message, flight + 1);
        else if (direction === 'received') {
          flight = known === undefined || flight === undefined ? undefined : Math.max(flight, known);
        }
      }
    }
    if (flights.size === before) break; // the trace has a message that nobody sent
  }
  return flights;
}

function rungs(initiator: Told, responder: Told): Rung[] {
  const flights = flightsOf(initiator, responder);
  const arrival = (told: Told, { message }: TraceLine): number =>
    told.trace.find((line) => line.direction === 'received' && line.message === message)?.at ?? Number.NaN;
  const sentBy = (from: Told, to: Told, fromInitiator: boolean): Rung[] =>
    from.trace
      .filter(({ direction }) => direction === 'sent')
      .map((line) => ({ line, flight: flights.get(line.message) ?? 0, arrived: arrival(to, line), fromInitiator }));
  const all = [...sentBy(initiator, responder, true), ...sentBy(responder, initiator, false)];
  return all.sort((left, right) => left.flight - right.flight || left.line.at - right.line.at);
}

const width = 48;

function drawRung({ line, arrived, fromInitiator }: Rung, start: number, sameFlight: boolean): Styled {
  const { type, title } = messageTable[line.message];
  const label = ` ${type} ${title.replace(/ \([^()]*\)/, '')}, ${count(line.octets)} octets `;
  const dashes = '-'.repeat(width - label.length - 3);
  const arrow = fromInitiator ? `--${label}${dashes}>` : `<${dashes}${label}--`;
  const time = (at: number): string => `${(at - start).toFixed(1).padStart(8)} ms`;
  const [left, right] = fromInitiator ? [line.at, arrived] : [arrived, line.at];
  const flight = sameFlight ? ' ' : '*';
  return { styled: `${time(left)} ${flight} ${style(fromInitiator ? 'cyan' : 'green', arrow)} ${time(right)}` };
}

/** Draws the messages that both sides saw, with times since the first was sent; `*` starts a flight. */
export function drawLadder(initiator: Told, responder: Told): Line[] {
  const all = rungs(initiator, responder);
  const start = all[0]?.line.at ?? 0;
  const startsFlight = all.map(({ flight }, index) => all[index - 1]?.flight !== flight);
  const flights = Math.max(...all.map(({ flight }) => flight));
  const total = all.reduce((octets, { line }) => octets + line.octets, 0);
  const end = Math.max(...all.map(({ arrived }) => arrived));
  return [
    `  initiator (alice)${' '.repeat(width - 2)}responder (bob)`,
    ...all.map((rung, index) => drawRung(rung, start, startsFlight[index] !== true)),
    `  ${count(total)} octets in ${all.length} messages, ${flights} flights (*), ${(end - start).toFixed(1)} ms from first to last`,
  ];
}

/** Compares the octets with those of mutual TLS. */
export function drawComparison(octets: number): Line[] {
  const row = (name: string, value: number, format: Style): Styled => {
    const bar = '#'.repeat(Math.round((value / mutualTlsOctets) * 40));
    return { styled: `  ${name.padEnd(42)}  ${count(value).padStart(7)}  ${style(format, bar)}` };
  };
  const saved = Math.round((1 - octets / mutualTlsOctets) * 100);
  return [
    heading('Octets on the wire, both directions'),
    row('PQuAKE', octets, 'green'),
    row('mutual TLS 1.3 with MLKEM1024, ML-DSA-87', mutualTlsOctets, 'red'),
    `  ${saved} % fewer, and no signature is made during the handshake`,
  ];
}
