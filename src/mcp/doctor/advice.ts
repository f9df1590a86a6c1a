// What to do about the failures of a handshake, by their codes.
import type { FailureCode } from '../../failure.ts';

const readings = 'compare versions, --suite, --reading, --schedule and --first of both sides';
const theirs = 'have the operator of the server look at its certificate: `pquake cert show`';
const silence =
  'the server ends silently when it refuses: its log says why. Look whether it trusts the authority of this certificate, and expects this name, and whether what it serves could be started';

/** What to do about a failure that this side reports. */
export const advice: Readonly<Record<FailureCode, string>> = {
  'wrong-version': 'look whether the port is that of a PQuAKE server, and not of TLS or HTTP',
  'unexpected-message': readings,
  'wrong-length': 'look whether the port is that of a PQuAKE server; compare --suite of both sides',
  'trailing-octets': 'the server sends what nobody asked for: look whether it is one that speaks over a channel',
  'invalid-encapsulation-key': theirs,
  'decryption-failed': `compare --psk-file of both sides; ${readings}`,
  'certificate-malformed': theirs,
  'certificate-wrong-algorithm': 'compare --suite of both sides',
  'certificate-wrong-key-usage': theirs,
  'certificate-outside-validity': `compare the clocks of both machines; ${theirs}`,
  'certificate-untrusted': 'name with --ca the authority of the server, and with --intermediates those under it',
  'certificate-constraint': theirs,
  'certificate-revoked': 'do not connect: the authority of the server has revoked its certificate',
  'certificate-revocation-unknown': 'fetch the new revocation list of its authority, and name it with --crl',
  'wrong-confirmation': `compare --psk-file of both sides; ${readings}`,
  'own-certificate': 'each side needs a certificate of its own: look at --cert of both',
  'unexpected-peer': 'look whether the address is that of the server, and --expect its name',
  'message-timeout': 'look whether the port is that of a PQuAKE server, and whether it is overloaded',
  'handshake-timeout': 'look whether the network is slow, or the server overloaded; --handshake-timeout waits longer',
  'connection-closed': silence,
};
