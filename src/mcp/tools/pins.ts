// Which declarations of which servers were approved, and what a server shows against that.
import { addedOf, type Difference, differencesOf, differencesOfInstructions, isRefused } from './differences.ts';
import { type Declared, type Manifest, manifestWith, type Part, parts } from './manifest.ts';
import { likeness } from './names.ts';

/** Who a server is: what its certificate states, never its address. A `Principal` is one. */
export interface ServerIdentity {
  /** In the words of `expectedPeer`: `bob`, `CN=bob`, `URI:...`. */
  readonly names: readonly string[];
  /** The subjects of the trust anchors that vouch for them. */
  readonly authorities: readonly string[];
}

/** What was approved of a server. */
export interface Pin extends ServerIdentity {
  /** How: by a person, by a signature, or as the first that was seen. */
  readonly by: 'first use' | 'approval' | 'signature';
  /** When: ISO 8601. */
  readonly at: string;
  readonly manifest: Manifest;
}

/** The file of pins: spec/schema/mcp-manifest.schema.json, definition `pins`. */
export interface Pins {
  readonly format: 'pquake-mcp-pins';
  readonly version: 1;
  readonly servers: readonly Pin[];
}

export const noPins: Pins = { format: 'pquake-mcp-pins', version: 1, servers: [] };

const meet = (one: readonly string[], other: readonly string[]): boolean => one.some((name) => other.includes(name));

/**
 * Whether a pin is of this server: they have a name and an authority in common. A certificate with more names, or fewer, is no way out
 * of a pin.
 */
export const isOf = (pin: ServerIdentity, identity: ServerIdentity): boolean =>
  meet(pin.names, identity.names) && meet(pin.authorities, identity.authorities);

/** What was approved of a server. There is one pin but where its certificate has the names of several. */
export const pinsOf = ({ servers }: Pins, identity: ServerIdentity): readonly Pin[] =>
  servers.filter((pin) => isOf(pin, identity));

/** Its name for people. */
export const labelOf = ({ names, authorities }: ServerIdentity): string =>
  `${names[0] ?? 'a server without a name'} (${authorities.join(', ')})`;

const approvedHashes = (pins: readonly Pin[], part: Part): ReadonlyMap<string, string> =>
  new Map(pins.flatMap(({ manifest }) => (manifest[part] ?? []).map(({ name, contentHash: hash }) => [name, hash])));

/** Names that look like those of other servers, or of the same one, among declarations that were not approved with them. */
export function confusions(
  part: Part,
  now: readonly Declared[],
  identity: ServerIdentity,
  pins: Pins,
): readonly Difference[] {
  const approved = approvedHashes(pinsOf(pins, identity), part);
  const fresh = now.filter(({ name, contentHash: hash }) => approved.get(name) !== hash);
  if (fresh.length === 0) return [];
  const own = now.map(({ name }) => ({ name, like: likeness(name) }));
  const others = pins.servers
    .filter((pin) => !isOf(pin, identity))
    .flatMap((pin) =>
      (pin.manifest[part] ?? []).map(({ name }) => ({ name, like: likeness(name), server: labelOf(pin) })),
    );
  return fresh.flatMap(({ name }): readonly Difference[] => {
    const like = likeness(name);
    const alike = own.filter((one) => one.like === like && one.name !== name);
    const taken = others.filter((one) => one.like === like);
    return [
      ...alike.map((one): Difference => ({ kind: 'look-alike', part, name, other: one.name })),
      ...taken.map(({ name: other, server }): Difference => ({ kind: 'shadows', part, name, other, server })),
    ];
  });
}

/** How a server stands to what was approved of it. */
export type Comparison =
  /** As approved. `differences` are of parts that nobody has approved yet, and of declarations that are gone. */
  | { readonly standing: 'same'; readonly pin: Pin; readonly differences: readonly Difference[] }
  /** Nothing was approved; `differences` are names that look like others. */
  | { readonly standing: 'first use'; readonly differences: readonly Difference[] }
  | { readonly standing: 'different'; readonly pin: Pin; readonly differences: readonly Difference[] };

/** Compares what a server shows with what was approved of it. Only parts that `now` has are compared. */
export function compareWithPins(identity: ServerIdentity, now: Manifest, pins: Pins): Comparison {
  const confused = parts.flatMap((part) => confusions(part, now[part] ?? [], identity, pins));
  const known = pinsOf(pins, identity);
  const [first] = known;
  if (first === undefined) return { standing: 'first use', differences: confused };
  for (const pin of known) {
    const differences = [...differencesOf(pin.manifest, now), ...confused];
    if (differences.some(isRefused)) return { standing: 'different', pin, differences };
  }
  return { standing: 'same', pin: first, differences: differencesOf(first.manifest, now) };
}

/** Everything in a manifest that a pin has not, as new; for those who approve it. */
export const newOf = (now: Manifest, pinned?: Manifest): readonly Difference[] => [
  ...parts.flatMap((part) => (pinned?.[part] === undefined ? (now[part] ?? []).map((one) => addedOf(part, one)) : [])),
  ...(now.instructions === undefined || pinned?.instructions !== undefined
    ? []
    : differencesOfInstructions(null, now.instructions)),
];

/**
 * The pins with this manifest approved for a server, in one pin in place of all that it had. Parts that the manifest has not stay as they
 * were approved; a first use changes nothing that is pinned.
 */
export function withPin(pins: Pins, identity: ServerIdentity, manifest: Manifest, how: Pick<Pin, 'by' | 'at'>): Pins {
  const former = pinsOf(pins, identity);
  const kept = former.at(-1)?.manifest ?? {};
  const { tools, prompts, instructions } = how.by === 'first use' ? { ...manifest, ...kept } : { ...kept, ...manifest };
  const whole = manifestWith({
    ...(tools === undefined ? {} : { tools }),
    ...(prompts === undefined ? {} : { prompts }),
    ...(instructions === undefined ? {} : { instructions }),
  });
  const pin: Pin = {
    names: identity.names,
    authorities: identity.authorities,
    by: how.by,
    at: how.at,
    manifest: whole,
  };
  return { ...pins, servers: [...pins.servers.filter((one) => !former.includes(one)), pin] };
}
