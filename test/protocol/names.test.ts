// The draft's own names of its steps lead to the lines that do them: a search for `3.2.1` or `C_i` ends at one.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** The step of the draft, the file, and the beginning of the line that does it, right below its name. */
const steps = [
  ['3.1: (ct_e, ss_e) = KEM.encap(pk_e)', 'responder', 'const encapsulated = algebra.encapsulate({'],
  ['3.2: ss_e = KEM.decap(ct_e, sk_e)', 'initiator', 'const ephemeralSecret = algebra.decapsulate({'],
  ['3.2.1 with ss_pre, 3.2.2 without: k_hid', 'initiator', 'const hidingKey = reading.hidingKey('],
  ['3.2.1 with ss_pre, 3.2.2 without: k_hid', 'responder', 'const hidingKey = reading.hidingKey('],
  ['3.2.3: e_cert_i = Enc(k_hid, cert_i)', 'initiator', 'const initiatorCertificate'],
  ['3.2.4: e_cert_r = Enc(k_hid, cert_r)', 'responder', 'const responderCertificate'],
  ['3.3.1: (ct_i, ss_i) = KEM.encap(pk_r)', 'initiator', 'const admitted = admitPeer('],
  ['3.3.2: (ct_r, ss_r) = KEM.encap(pk_i)', 'responder', 'const admitted = admitPeer('],
  ['3.4: ss_r = KEM.decap(ct_r, sk_i)', 'initiator', 'const responderSecret = algebra.decapsulate({'],
  ['3.4: ss_i = KEM.decap(ct_i, sk_r)', 'responder', 'const initiatorSecret = algebra.decapsulate({'],
  ['3.4.1: k_C_i, k_C_r, k_session', 'initiator', 'const derived = deriveKeys('],
  ['3.4.2: k_C_i, k_C_r, k_session', 'responder', 'const derived = deriveKeys('],
  ['3.5.1: C_i = HMAC(k_C_i, h_i || h_r)', 'initiator', 'const message: InitiatorConfirmation<O>'],
  ['3.5.2: C_r = HMAC(k_C_r, h_i || h_r)', 'responder', 'const message: ResponderConfirmation<O>'],
] as const;

it.each(steps)('%s, of the %s', (name, role, line) => {
  const lines = readFileSync(`src/protocol/${role}.ts`, 'utf8').split('\n');
  const at = lines.map((one) => one.trim()).indexOf(`// ${name}`);
  expect(at).toBeGreaterThan(0);
  expect(lines[at + 1]?.trim().startsWith(line)).toBe(true);
});
