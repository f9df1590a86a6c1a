// Name constraints (RFC 5280, section 4.2.1.10) for URIs, DNS names and directory names; other forms are refused.
import {
  constructedContext,
  expectTag,
  inside,
  malformed,
  octetsOf,
  only,
  refuse,
  same,
  sequence,
  tags,
} from './der.ts';
import { type AlternativeNames, type GeneralName, isDnsName, readGeneralName } from './generalNames.ts';
import { comparable, textOf } from './name.ts';

type Bytes = Uint8Array;

/** What the names below an authority must be within, and must not be within. */
export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** The names of a certificate that constraints are about: subject (DER of its Name) and subject alternative name. */
export interface ConstrainedNames extends AlternativeNames {
  readonly subjectName: Bytes;
}

/** A constraint on URIs is a host, or with a dot in front all hosts of a domain; one on DNS names is a domain, or empty. */
const constraintText = {
  uri: (host: string) => isDnsName(host.startsWith('.') ? host.slice(1) : host),
  dns: (domain: string) => domain === '' || isDnsName(domain),
};

function readSubtrees(contents: Bytes): readonly GeneralName[] {
  const subtrees = inside({ tag: tags.sequence, contents, from: contents, total: contents.length });
  if (subtrees.length === 0) malformed('name constraints: no subtree');
  return subtrees.map((subtree) => {
    const [base, ...distances] = sequence(subtree, 'subtree');
    // minimum is 0, which DER omits, and maximum is absent.
    if (base === undefined || distances.length > 0) return malformed('subtree: not a name alone');
    return readGeneralName(base, constraintText) ?? refuse('certificate-constraint', 'a form of names that is unknown');
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

const lower = (text: string): string => text.toLowerCase();

/** A domain holds itself and what has more labels on the left. */
function isWithinDomain(name: string, domain: string): boolean {
  return domain === '' || lower(name) === lower(domain) || lower(name).endsWith(`.${lower(domain)}`);
}

/** The host of a URI with an authority (RFC 3986, section 3.2.2) that is a DNS name; `undefined` for any other URI. */
function hostOf(uri: string): string | undefined {
  if (/[\\"<>^`{|}]/.test(uri)) return undefined; // characters that no URI has, and that readers take for others
  const [, authority] = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(uri) ?? [];
  const host = authority?.replace(/^.*@/, '').replace(/:\d*$/, '');
  // Four numbers are an address, which no constraint on hosts is about.
  return host !== undefined && isDnsName(host) && !/(^|\.)\d+$/.test(host) ? host : undefined;
}

function isWithinHosts(host: string, constraint: string): boolean {
  return constraint.startsWith('.') ? lower(host).endsWith(lower(constraint)) : lower(host) === lower(constraint);
}

const relativeNames = (name: Bytes): readonly Bytes[] =>
  inside(only(name, tags.sequence, 'directory name')).map(octetsOf);

const beginsWith = <T>(whole: readonly T[], start: readonly T[], equal: (a: T, b: T) => boolean): boolean =>
  start.every((one, i) => {
    const other = whole[i];
    return other !== undefined && equal(one, other);
  });

/**
 * Whether a directory name is in a subtree. To be permitted it begins with the subtree octet by octet, as names are the same
 * in path building; to be excluded it suffices that it begins so in any spelling (RFC 5280, section 7.1).
 */
function isWithinDirectory(name: Bytes, subtree: Bytes, exactly: boolean): boolean {
  if (exactly) return beginsWith(relativeNames(name), relativeNames(subtree), same);
  return beginsWith(comparable(name), comparable(subtree), (a, b) => a === b);
}

/** `undefined` where it cannot be told: then the name is neither permitted nor outside of what is excluded. */
type Within = (subtree: GeneralName, exactly: boolean) => boolean | undefined;

function* judged({ subjectName, uris, dnsNames, directoryNames }: ConstrainedNames): Generator<{
  readonly form: GeneralName['form'];
  readonly text: string;
  readonly within: Within;
}> {
  for (const name of [subjectName, ...directoryNames]) {
    if (relativeNames(name).length === 0) continue; // the empty subject
    const within: Within = (subtree, exactly) =>
      subtree.form === 'directory' && isWithinDirectory(name, subtree.name, exactly);
    yield { form: 'directory', text: textOf(name), within };
  }
  for (const name of dnsNames) {
    yield {
      form: 'dns',
      text: name,
      within: (subtree) => subtree.form === 'dns' && isWithinDomain(name, subtree.name),
    };
  }
  for (const uri of uris) {
    const host = hostOf(uri);
    const within: Within = (subtree) =>
      subtree.form === 'uri' && (host === undefined ? undefined : isWithinHosts(host, subtree.name));
    yield { form: 'uri', text: uri, within };
  }
}

/**
 * The first name of a certificate that constraints forbid, for people, or `undefined`. A name of a form is permitted when no
 * subtree of this form is, or when it is within one of them; and it is within no excluded one. A URI without a host that is a
 * DNS name is forbidden as soon as URIs are constrained (section 4.2.1.10).
 */
export function forbiddenName({ permitted, excluded }: NameConstraints, names: ConstrainedNames): string | undefined {
  for (const { form, text, within } of judged(names)) {
    const ofForm = permitted.filter((subtree) => subtree.form === form);
    const isPermitted = ofForm.length === 0 || ofForm.some((subtree) => within(subtree, true) === true);
    const isExcluded = excluded.some((subtree) => subtree.form === form && within(subtree, false) !== false);
    if (!isPermitted || isExcluded) return `${form} name ${text}`;
  }
  return undefined;
}
