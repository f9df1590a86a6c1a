// Addresses of peers, as they are counted.

/** An IPv4 address that came over an IPv6 socket, as itself. */
const unmapped = (address: string): string => /^::ffff:([0-9.]+)$/i.exec(address)?.[1] ?? address;

/** Whether an address is of this machine. */
export function isLoopback(address: string): boolean {
  const plain = unmapped(address);
  return plain === '::1' || plain.startsWith('127.');
}

/**
 * What an address is counted under: an IPv4 address is itself, one of IPv6 is its /64, which is the least that a site is
 * given, so that whoever has one has all addresses in it.
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
