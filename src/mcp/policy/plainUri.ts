// Whether a URI is written in the one way that names what it names. A server may read `file:///public/../secret` and `file:///%73ecret` as
// `file:///secret`: patterns would then permit, or miss to forbid, something else than what is read.

const hexadecimal = '0123456789abcdefABCDEF';
/** Characters that a URI never has to encode (RFC 3986, section 2.3), and those that servers take for parts of a path. */
const mustBePlain = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/\\';

/** Percent-encoding of what needs none, of a control, or of nothing. */
function hasOddEncoding(uri: string): boolean {
  for (let at = uri.indexOf('%'); at >= 0; at = uri.indexOf('%', at + 1)) {
    const [high = '', low = ''] = [uri[at + 1], uri[at + 2]];
    if (high === '' || low === '' || !hexadecimal.includes(high) || !hexadecimal.includes(low)) return true;
    const code = Number.parseInt(high + low, 16);
    if (code < 0x20 || code === 0x7f || mustBePlain.includes(String.fromCharCode(code))) return true;
  }
  return false;
}

function hasOddCharacter(uri: string): boolean {
  for (const character of uri) if (character <= ' ' || character === '\\' || character === '\x7f') return true;
  return false;
}

/** Whether a part between slashes is `.` or `..`, in a query or fragment too: a server that takes the whole for a path goes up by it. */
const hasDots = (uri: string): boolean =>
  uri
    .slice(uri.indexOf(':') + 1)
    .split(/[/?#]/)
    .some((segment) => segment === '.' || segment === '..');

/** The part in front of a query and a fragment. */
function withoutQuery(uri: string): string {
  const ends = ['?', '#'].map((mark) => uri.indexOf(mark)).filter((at) => at >= 0);
  return uri.slice(0, Math.min(uri.length, ...ends));
}

/**
 * Whether a URI is in a normal form (RFC 3986, section 6.2.2): scheme and host in lower case; no segment `.` or `..`,
 * in query and fragment neither; no empty one, save the last; no encoding of a character that needs none, of a slash, backslash or control; no space, control or backslash.
 */
export function isPlainUri(uri: string): boolean {
  if (hasOddCharacter(uri) || hasOddEncoding(uri) || hasDots(uri)) return false;
  const path = withoutQuery(uri);
  const scheme = path.slice(0, Math.max(0, path.indexOf(':')));
  const rest = path.slice(scheme === '' ? 0 : scheme.length + 1);
  const segments = rest.split('/');
  const [, empty, host] = segments;
  const hasHost = rest.startsWith('//') && empty === '' && host !== undefined;
  const inPath = hasHost ? segments.slice(3) : segments.slice(rest.startsWith('/') ? 1 : 0);
  const isOdd = (segment: string, at: number): boolean => segment === '' && at < inPath.length - 1;
  return scheme === scheme.toLowerCase() && (!hasHost || host === host.toLowerCase()) && !inPath.some(isOdd);
}
