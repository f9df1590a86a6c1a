// Name constraints (RFC 5280, section 4.2.1.10) for URIs, DNS names and directory names; other forms are refused.

import { constructedContext, expectTag, inside, latin1, octetsOf, only, sequence, tags } from '../der/der.ts';
import { malformed } from '../der/derError.ts';
import { limits } from '../limits.ts';
import type { Bytes } from '../octets.ts';
import { refuse } from './codes.ts';
import { type AlternativeNames, type GeneralName, isDns, isDnsName, readGeneralName } from './generalNames.ts';
import { comparable, shownName } from './name.ts';

/** Subtrees that the names below an authority must be within, and must not be within. */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** The names of a certificate that constraints are about: subject (DER of its Name) and subject alternative name. */
export interface ConstrainedNames extends AlternativeNames {
  readonly subjectName: Bytes;
}

/** A constraint on URIs is a host, or with a dot in front all hosts of a domain; one on DNS names is a domain, or empty. */
const constraintSyntax = {
  uri: (host: Bytes) => isDns(host[0] === 0x2e ? host.subarray(1) : host),
  dns: (domain: Bytes) => domain.length === 0 || isDns(domain),
};

function readSubtrees(contents: Bytes): readonly GeneralName[] {
  const subtrees = inside({ contents }, limits.subtrees);
  if (subtrees.length === 0) malformed('name constraints: no subtree');
  return subtrees.map((subtree) => {
    const [base, ...distances] = sequence(subtree, 'subtree');
    // minimum is 0, which DER omits, and maximum is absent.
    if (base === undefined || distances.length > 0) return malformed('subtree: not a name alone');
    return (
      readGeneralName(base, constraintSyntax) ?? refuse('certificate-constraint', 'a form of names that is unknown')
    );
  });
}

/**
 * Reads the value of name constraints: permitted `[0]`, excluded `[1]`, at least one. Leaves by `malformed`, and by `refuse`
 * for a form of names that the profile does not compare.
 */
export function readNameConstraints(value: Bytes): NameConstraints {
  const parts = inside(only(value, tags.sequence, 'name constraints'));
  const [first, second, ...rest] = parts;
  if (first === undefined || rest.length > 0) return malformed('name constraints: empty, or trailing elements');
  const isPermitted = first.tag === constructedContext(0);
  const excluded = isPermitted ? second : first;
  if (!isPermitted && second !== undefined) malformed('name constraints: not in order');
  return {
    permitted: isPermitted ? readSubtrees(first.contents) : [],
    excluded:
      excluded === undefined
        ? []
        : readSubtrees(expectTag(excluded, constructedContext(1), 'excluded subtrees').contents),
  };
}

type Form = GeneralName['form'];
type Directory = Extract<GeneralName, { form: 'directory' }>;

/**
 * Subtrees, folded once, so that a name is compared with all of them at once. Keys are hosts and domains in lower case, and of
 * directory names the relative names that they begin with: DER of each where they count octet by octet, else folded.
 */
interface Subtrees {
  readonly forms: ReadonlySet<Form>;
  readonly keys: ReadonlySet<string>;
}

/** A name of a certificate, folded once: the keys of all subtrees that it is within. */
interface FoldedName {
  readonly form: Form;
  readonly text: () => string;
  /** `undefined` where it cannot be told: then the name is neither permitted nor outside of what is excluded. */
  readonly within: ReadonlySet<string> | undefined;
  /** The same in any spelling. */
  readonly resembling: ReadonlySet<string> | undefined;
}

const lower = (text: string): string => text.toLowerCase();

/** The host of a URI with an authority (RFC 3986, section 3.2.2) that is a DNS name; `undefined` for any other URI. */
function hostOf(uri: string): string | undefined {
  if (/[\\"<>^`{|}]/.test(uri)) return undefined; // characters that no URI has, and that readers take for others
  const [, authority] = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(uri) ?? [];
  const host = authority?.replace(/^.*@/, '').replace(/:\d*$/, '');
  // Four numbers are an address, which no constraint on hosts is about.
  return host !== undefined && isDnsName(host) && !/(^|\.)\d+$/.test(host) ? host : undefined;
}

/** The rests of a DNS name when labels are taken from its left, none first. */
function* domainsOf(name: string): Generator<string> {
  yield name;
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) yield name.slice(dot + 1);
}

const dnsKey = (domain: string): string => `dns ${lower(domain)}`;
const uriKey = (host: string): string => `uri ${lower(host)}`;
const exactKey = (relatives: string): string => `directory ${relatives}`;
const foldedKey = (relatives: readonly string[]): string => `directory ${relatives.join('\n')}`; // JSON has no line ends

/** A domain holds itself and what has more labels on the left; the empty one holds all. `undefined` for no DNS name. */
const keysOfDnsName = (name: string): ReadonlySet<string> | undefined =>
  isDnsName(name) ? new Set([...domainsOf(name), ''].map(dnsKey)) : undefined;

/** A host is that one; with a dot in front it is every host that has more labels on the left. */
function keysOfHost(host: string): ReadonlySet<string> {
  const [, ...above] = domainsOf(host);
  return new Set([host, ...above.map((domain) => `.${domain}`)].map(uriKey));
}

const relativesOf = (name: Bytes): readonly Bytes[] =>
  inside(only(name, tags.sequence, 'directory name'), limits.nameAttributes).map(octetsOf);

/** Every beginning of a directory name, the empty one too, octet by octet: DER of relative names tells where each one ends. */
function keysOfDirectory(name: Bytes): ReadonlySet<string> {
  const all = relativesOf(name).map(latin1);
  return new Set([...all, ''].map((_, i) => exactKey(all.slice(0, i).join(''))));
}

function foldedKeysOfDirectory(name: Bytes): ReadonlySet<string> {
  const all = comparable(name);
  return new Set([...all, ''].map((_, i) => foldedKey(all.slice(0, i))));
}

const keyOfDirectory = ({ name }: Directory, exactly: boolean): string =>
  exactly ? exactKey(relativesOf(name).map(latin1).join('')) : foldedKey(comparable(name));

/**
 * To be permitted a directory name begins with the subtree octet by octet, as names are the same in path building; to be
 * excluded it suffices that it begins so in any spelling (RFC 5280, section 7.1).
 */
function keyOfSubtree(subtree: GeneralName, exactly: boolean): string {
  if (subtree.form === 'directory') return keyOfDirectory(subtree, exactly);
  return subtree.form === 'dns' ? dnsKey(subtree.name) : uriKey(subtree.name);
}

const foldSubtrees = (subtrees: readonly GeneralName[], exactly: boolean): Subtrees => ({
  forms: new Set(subtrees.map(({ form }) => form)),
  keys: new Set(subtrees.map((one) => keyOfSubtree(one, exactly))),
});

/** A function of an object that is computed once for each. */
function once<K extends object, T>(compute: (of: K) => T): (of: K) => T {
  const found = new WeakMap<K, T>();
  return (of) => {
    const value = found.get(of) ?? compute(of);
    found.set(of, value);
    return value;
  };
}

/** Constraints as names are compared with them; folded once, which the building of a trust store does. */
export const foldConstraints = once(({ permitted, excluded }: NameConstraints) => ({
  permitted: foldSubtrees(permitted, true),
  excluded: foldSubtrees(excluded, false),
}));

const foldNames = once(({ subjectName, uris, dnsNames, directoryNames }: ConstrainedNames): readonly FoldedName[] => [
  ...[subjectName, ...directoryNames]
    .filter((name) => relativesOf(name).length > 0) // the empty subject
    .map((name) => ({
      form: 'directory' as const,
      text: () => shownName(name),
      within: keysOfDirectory(name),
      resembling: foldedKeysOfDirectory(name),
    })),
  ...dnsNames.map((name) => {
    const within = isDnsName(name) ? keysOfDnsName(name) : undefined; // which bounds its length too
    return { form: 'dns' as const, text: () => name, within, resembling: within };
  }),
  ...uris.map((uri) => {
    const host = hostOf(uri);
    const within = host === undefined ? undefined : keysOfHost(host);
    return { form: 'uri' as const, text: () => uri, within, resembling: within };
  }),
]);

/** Whether two sets of keys have one in common; as long as the first one is. */
function meets(keys: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const key of keys) if (others.has(key)) return true;
  return false;
}

/**
 * The first name of a certificate that constraints forbid, for people, or `undefined`. A name of a form is permitted when no
 * subtree of this form is, or when it is within one of them; and it is within no excluded one. A URI without a host that is a
 * DNS name is forbidden as soon as URIs are constrained (section 4.2.1.10). Takes as long as the names are, however many
 * subtrees there are.
 */
export function forbiddenName(constraints: NameConstraints, names: ConstrainedNames): string | undefined {
  const { permitted, excluded } = foldConstraints(constraints);
  for (const { form, text, within, resembling } of foldNames(names)) {
    const isPermitted = !permitted.forms.has(form) || (within !== undefined && meets(within, permitted.keys));
    const isExcluded = excluded.forms.has(form) && (resembling === undefined || meets(resembling, excluded.keys));
    if (!isPermitted || isExcluded) return `${form} name ${text()}`;
  }
  return undefined;
}
