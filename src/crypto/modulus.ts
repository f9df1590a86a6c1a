import { type KemAlgorithm, mandatorySuite } from '../generated/suites.ts';

const modulus = 3329; // q, FIPS 203, section 2.4
const rho = 32; // octets behind the polynomials of 256 coefficients of 12 bits (algorithm 13)

/** The type and modulus checks of FIPS 203, section 7.2: 1568 octets (of ML-KEM-1024), and every coefficient below q. */
export function isEncapsulationKey(octets: Uint8Array, kem: KemAlgorithm = mandatorySuite.kem): boolean {
  if (octets.length !== kem.encapsulationKey) return false;
  const polynomials = octets.length - rho;
  for (let at = 0; at < polynomials; at += 3) {
    const low = octets[at] ?? 0;
    const middle = octets[at + 1] ?? 0;
    const high = octets[at + 2] ?? 0;
    if ((low | ((middle & 0x0f) << 8)) >= modulus || ((middle >> 4) | (high << 4)) >= modulus) return false;
  }
  return true;
}
