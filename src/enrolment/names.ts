// Names that an authority certifies: which names are reserved, and which names people could confuse.

const serialDigits = { least: 16, most: 40 };

/** Names of Windows devices. They are not files there, even with an extension. */
const devices = new Set(['con', 'prn', 'aux', 'nul', ...[...'123456789'].flatMap((one) => [`com${one}`, `lpt${one}`])]);

/** The names of the authority's own files and directory. */
const ofAuthority = new Set(['ca', 'ca.pem', 'ca.key', 'ca.json', 'ca.crl', 'challenges']);

/**
 * Whether a word looks like a serial number: 16 to 40 hexadecimal digits (8 to 20 octets), or any number of digits
 * after `0x` or with colons. Shorter words, such as `ada`, are names.
 */
export function looksLikeSerialNumber(word: string): boolean {
  const lower = word.toLowerCase();
  const digits = lower.replace(/^0x/, '').replaceAll(':', '');
  if (!/^[0-9a-f]+$/.test(digits)) return false;
  return digits !== lower || (digits.length >= serialDigits.least && digits.length <= serialDigits.most);
}

/** Why a name is reserved, and certified for nobody; `undefined` for a free name. */
export function reservedName(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (ofAuthority.has(lower)) return 'a file of the authority itself';
  if (lower.endsWith('.previous')) return 'the pair before a rotation has a name of this form';
  if (looksLikeSerialNumber(name)) return 'it reads as a serial number';
  if (devices.has(lower.split('.', 1)[0] ?? '')) return 'a device of Windows';
  if (/[. ]$/.test(name)) return 'a dot or space at its end';
  return undefined;
}

/**
 * Normalizes a name, so that names that people could confuse become equal: NFKC, lower case, escapes of ASCII decoded,
 * dots and slashes at the end removed. For comparison only.
 */
export const folded = (name: string): string => {
  const plain = name.replaceAll(/%([0-7][0-9A-Fa-f])/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  const lower = plain.normalize('NFKC').toLowerCase();
  let end = lower.length;
  while (end > 0 && (lower[end - 1] === '.' || lower[end - 1] === '/')) end -= 1;
  return lower.slice(0, end);
};
