// The tables and the picture of spec/performance.md, from the flights and the model alone: the same each time.

import { mandatorySuite } from '../../src/generated/suites.ts';
import { table } from '../../src/lab/spec/text.ts';
import { text } from '../bench/svg.ts';
import { octetsOf, type Profile, profiles } from './flights.ts';
import { handshakeTime, type Link } from './model.ts';

export const rates = [
  ['10 kbit/s', 1e4],
  ['100 kbit/s', 1e5],
  ['1 Mbit/s', 1e6],
  ['10 Mbit/s', 1e7],
  ['100 Mbit/s', 1e8],
  ['1 Gbit/s', 1e9],
] as const;
export const roundTrips = [1, 10, 30, 100, 300, 600] as const;
export const losses = [0, 1, 5] as const;

export const linkOf = (bitsPerSecond: number, milliseconds: number, percent: number): Link => ({
  bitsPerSecond,
  roundTrip: milliseconds / 1_000,
  loss: percent / 100,
});

/** How much longer the one takes than mutual TLS 1.3 with the same algorithms. */
export const overTls = ({ flights }: Profile, link: Link): number =>
  handshakeTime(flights, link) / handshakeTime(profiles.tls.flights, link);

/** Links of the table: rate, milliseconds of a round trip, percent lost. */
export const chosen: readonly (readonly [name: string, rate: number, roundTrip: number, loss: number])[] = [
  ['10 kbit/s', 1e4, 600, 0],
  ['10 kbit/s', 1e4, 600, 5],
  ['100 kbit/s', 1e5, 100, 1],
  ['1 Mbit/s', 1e6, 30, 0],
  ['10 Mbit/s', 1e7, 30, 1],
  ['10 Mbit/s', 1e7, 300, 5],
  ['100 Mbit/s', 1e8, 100, 0],
  ['1 Gbit/s', 1e9, 1, 0],
  ['1 Gbit/s', 1e9, 600, 0],
];

const milliseconds = (seconds: number): string => (1_000 * seconds).toLocaleString('en-US', digits(1_000 * seconds));

const digits = (value: number): { readonly maximumFractionDigits: number } => ({
  maximumFractionDigits: value < 100 ? 1 : 0,
});

const grouped = (octets: number): string => octets.toLocaleString('en-US');

/** What crosses for two peers that authenticate each other: encapsulation keys, ciphertexts, public keys for signatures, signatures. */
type Material = readonly [keys: number, ciphertexts: number, signatureKeys: number, signatures: number];

const { kem, signatures } = mandatorySuite;
const sizesOf = [kem.encapsulationKey, kem.ciphertext, signatures[0].publicKey, signatures[0].signature];

const others: readonly (readonly [protocol: string, shown: string, material: Material, messages: string])[] = [
  ['PQuAKE', 'certificates', [3, 3, 0, 2], '5 flights'],
  ['mutual TLS 1.3 (RFC 9846)', 'certificates', [1, 1, 2, 4], '3 flights'],
  ['KEMTLS, AuthKEM with client authentication', 'certificates', [3, 3, 0, 2], '6 flights'],
  ['KEM-EDHOC', 'certificates', [3, 3, 0, 2], 'not looked up'],
  ['KEM-EDHOC', 'references to known keys', [1, 3, 0, 0], '3 where the responder is known'],
  ['pqXX (PQNoise)', 'keys without an authority', [3, 3, 0, 0], '4 messages'],
  ['Rosenpass, with these algorithms', 'nothing, keys are known', [1, 3, 0, 0], '3 messages, acknowledged'],
];

/** The generated tables of spec/performance.md. */
export function performanceTables(): Readonly<Record<string, string>> {
  const whole = octetsOf(profiles.tls);
  return {
    octets: table(
      ['handshake', 'octets', 'flights', 'of each flight', 'over TLS 1.3'],
      Object.values(profiles).map((profile: Profile) => [
        profile.name,
        grouped(octetsOf(profile)),
        profile.flights.length,
        profile.flights.map(grouped).join(' + '),
        (octetsOf(profile) / whole).toFixed(2),
      ]),
    ),
    others: table(
      [
        'protocol',
        'a peer shows',
        'KEM keys',
        'ciphertexts',
        'signature keys',
        'signatures',
        'octets of these',
        'both have completed after',
      ],
      others.map(([protocol, shown, material, messages]) => [
        ...[protocol, shown, ...material],
        grouped(material.reduce((sum, count, which) => sum + count * (sizesOf[which] ?? Number.NaN), 0)),
        messages,
      ]),
    ),
    links: table(
      ['rate', 'round trip', 'loss', 'PQuAKE, ms', '`--compact`, ms', 'TLS 1.3, ms', 'PQuAKE / TLS'],
      chosen.map(([name, rate, roundTrip, loss]) => {
        const link = linkOf(rate, roundTrip, loss);
        const times = [profiles.mandatory, profiles.compact, profiles.tls].map(({ flights }) =>
          milliseconds(handshakeTime(flights, link)),
        );
        return [name, `${roundTrip} ms`, `${loss} %`, ...times, overTls(profiles.mandatory, link).toFixed(2)];
      }),
    ),
  };
}

const cell = { width: 62, height: 30 } as const;
const panel = { left: 84, top: 82, width: rates.length * cell.width } as const;
const gap = 26;

/** Green where PQuAKE is faster, orange where it is slower, stronger the further from 1; the number says the same. */
function colour(ratio: number): string {
  const share = Math.min(1, Math.abs(Math.log(ratio)) / Math.log(1.4));
  const [red, green, blue] = ratio < 1 ? [88, 168, 104] : [230, 140, 60];
  const mixed = (full: number): number => Math.round(255 + (full - 255) * share);
  return `rgb(${[red, green, blue].map(mixed).join(',')})`;
}

function panelOf(percent: number, left: number): string[] {
  const title = text(left + panel.width / 2, panel.top - 30, `${percent} % of segments lost`, 'text-anchor="middle"');
  const heads = rates.map(([name], column) =>
    text(left + (column + 0.5) * cell.width, panel.top - 8, name, 'text-anchor="middle" font-size="11"'),
  );
  const cells = roundTrips.flatMap((roundTrip, row) =>
    rates.flatMap(([, rate], column) => {
      const ratio = overTls(profiles.mandatory, linkOf(rate, roundTrip, percent));
      const [x, y] = [left + column * cell.width, panel.top + row * cell.height];
      return [
        `<rect x="${x}" y="${y}" width="${cell.width}" height="${cell.height}" fill="${colour(ratio)}" stroke="#fff"/>`,
        text(x + cell.width / 2, y + 20, ratio.toFixed(2), 'text-anchor="middle"'),
      ];
    }),
  );
  return [title, ...heads, ...cells];
}

/** Where PQuAKE is faster than mutual TLS 1.3 with the same algorithms, and where it is slower. */
export function linksPicture(): string {
  const width = panel.left + losses.length * (panel.width + gap);
  const height = panel.top + roundTrips.length * cell.height + 34;
  const rows = roundTrips.map((roundTrip, row) =>
    text(panel.left - 10, panel.top + row * cell.height + 20, `${roundTrip} ms`, 'text-anchor="end"'),
  );
  const title = 'Time of a PQuAKE handshake over that of mutual TLS 1.3 with ML-KEM-1024 and ML-DSA-87';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    text(panel.left, 24, `${title}: from the first SYN until both have completed`, 'font-size="14"'),
    text(panel.left - 10, panel.top - 8, 'round trip', 'text-anchor="end" font-size="11"'),
    ...rows,
    ...losses.flatMap((percent, which) => panelOf(percent, panel.left + which * (panel.width + gap))),
    text(
      panel.left,
      height - 12,
      'Below 1 (green) PQuAKE is faster, above 1 (orange) slower. A model of TCP, without computation: spec/performance.md',
    ),
    '</svg>\n',
  ].join('\n');
}
