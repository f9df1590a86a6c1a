// Addresses of peers: as they are written, and in the form in which they are counted.

/** A TCP address, or a Unix socket. */
export interface Address {
  /** A name, an IPv4 address, or an IPv6 address without brackets; a zone follows `%`. */
  readonly host: string;
  readonly port: number;
  /** The path of a Unix socket; host and port mean nothing then. */
  readonly path?: string | undefined;
}

/** `HOST:PORT`, an IPv6 host in brackets, or `unix:PATH`. */
export function addressText({ host, port, path }: Address): string {
  if (path !== undefined) return `unix:${path}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** An IPv4 address; an address from an IPv6 socket loses its prefix. */
const unmapped = (address: string): string => /^::ffff:([0-9.]+)$/i.exec(address)?.[1] ?? address;

/** Whether an address belongs to this machine. */
export function isLoopback(address: string): boolean {
  const plain = unmapped(address);
  return plain === '::1' || plain.startsWith('127.');
}

/**
 * The key under which an address is counted: an IPv4 address itself, or the /64 of an IPv6 address. A site gets at
 * least a /64, so the holder of one of its addresses has all of them.
 */
export function networkOf(address: string): string {
  const [plain = ''] = unmapped(address).split('%');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const groupsOf = (part: string): string[] =>
    part.split(':').flatMap((group) => (group === '' ? [] : group.includes('.') ? ['0', '0'] : [group]));
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const groups = [...before, ...zeros, ...after].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
